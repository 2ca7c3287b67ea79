import { opExpr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

/** ⌊x⌋; the gradient is 0. */
export const floor: Unary = /* @__PURE__ */ defineUnary({
  name: "floor",
  dtype: "float",
  expr: (x) => opExpr("floor", x),
  grad: () => [null],
});
