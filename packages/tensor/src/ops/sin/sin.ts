import type { Tensor } from "../../tensor.ts";
import { opExpr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

export const sin: Unary = /* @__PURE__ */ defineUnary({
  name: "sin",
  dtype: "float",
  expr: (x) => opExpr("sin", x),
  grad: ({ x }, dy) => [dy.mul((x(0) as Tensor).cos())],
  saves: [0],
});
