import { opExpr, scalarExpr } from "../../ir/expr.ts";
import type { Tensor } from "../../tensor.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

/** max(x, 0); the gradient at 0 is 0, as in PyTorch. */
export const relu: Unary = /* @__PURE__ */ defineUnary({
  name: "relu",
  dtype: "promote",
  expr: (x) => opExpr("max", x, scalarExpr(0, x.type)),
  grad: ({ x }, dy) => [(x(0) as Tensor).gt(0).where(dy, 0)],
  saves: [0],
});
