import { opExpr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

/** 1 / √x. */
export const rsqrt: Unary = /* @__PURE__ */ defineUnary({
  name: "rsqrt",
  dtype: "float",
  expr: (x) => opExpr("rsqrt", x),
  grad: ({ y }, dy) => [dy.mul(y).mul(y).mul(y).mul(-0.5)],
  saves: ["output"],
});
