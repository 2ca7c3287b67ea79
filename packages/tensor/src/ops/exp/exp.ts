import { opExpr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

/** eˣ. */
export const exp: Unary = /* @__PURE__ */ defineUnary({
  name: "exp",
  dtype: "float",
  expr: (x) => opExpr("exp", x),
  grad: ({ y }, dy) => [dy.mul(y)],
  saves: ["output"],
});
