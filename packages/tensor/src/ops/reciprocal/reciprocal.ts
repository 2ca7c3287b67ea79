import { opExpr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

/** 1 / x. */
export const reciprocal: Unary = /* @__PURE__ */ defineUnary({
  name: "reciprocal",
  dtype: "float",
  expr: (x) => opExpr("reciprocal", x),
  grad: ({ y }, dy) => [dy.mul(y).mul(y).neg()],
  saves: ["output"],
});
