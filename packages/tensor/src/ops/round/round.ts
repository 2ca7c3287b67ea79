import { opExpr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

/** The nearest integer, ties to even; the gradient is 0. */
export const round: Unary = /* @__PURE__ */ defineUnary({
  name: "round",
  dtype: "float",
  expr: (x) => opExpr("round", x),
  grad: () => [null],
});
