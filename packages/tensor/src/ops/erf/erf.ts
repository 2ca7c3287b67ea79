import type { Tensor } from "../../tensor.ts";
import { opExpr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

/** The error function. */
export const erf: Unary = /* @__PURE__ */ defineUnary({
  name: "erf",
  dtype: "float",
  expr: (x) => opExpr("erf", x),
  grad: ({ x }, dy) => [dy.mul((x(0) as Tensor).square().neg().exp()).mul(2 / Math.sqrt(Math.PI))],
  saves: [0],
});
