import { opExpr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

/** −x. */
export const neg: Unary = /* @__PURE__ */ defineUnary({
  name: "neg",
  dtype: "promote",
  expr: (x) => opExpr("neg", x),
  grad: (_, dy) => [dy.neg()],
});
