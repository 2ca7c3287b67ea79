import { opExpr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

/** √x. */
export const sqrt: Unary = /* @__PURE__ */ defineUnary({
  name: "sqrt",
  dtype: "float",
  expr: (x) => opExpr("sqrt", x),
  grad: ({ y }, dy) => [dy.div(y).mul(0.5)],
  saves: ["output"],
});
