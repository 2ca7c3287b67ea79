import type { Tensor } from "../../tensor.ts";
import { opExpr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

/** |x|; the gradient at 0 is 0, as in PyTorch. */
export const abs: Unary = /* @__PURE__ */ defineUnary({
  name: "abs",
  dtype: "promote",
  expr: (x) => opExpr("abs", x),
  grad: ({ x }, dy) => [dy.mul((x(0) as Tensor).sign())],
  saves: [0],
});
