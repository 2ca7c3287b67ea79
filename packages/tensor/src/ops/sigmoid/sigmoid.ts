import { opExpr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

/** 1 / (1 + e⁻ˣ). */
export const sigmoid: Unary = /* @__PURE__ */ defineUnary({
  name: "sigmoid",
  dtype: "float",
  expr: (x) => opExpr("sigmoid", x),
  grad: ({ y }, dy) => [dy.mul(y).mul(y.neg().add(1))],
  saves: ["output"],
});
