import { opExpr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

/** ⌈x⌉; the gradient is 0. */
export const ceil: Unary = /* @__PURE__ */ defineUnary({
  name: "ceil",
  dtype: "float",
  expr: (x) => opExpr("ceil", x),
  grad: () => [null],
});
