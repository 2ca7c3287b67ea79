import type { Tensor } from "../../tensor.ts";
import { opExpr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

export const cos: Unary = /* @__PURE__ */ defineUnary({
  name: "cos",
  dtype: "float",
  expr: (x) => opExpr("cos", x),
  grad: ({ x }, dy) => [dy.mul((x(0) as Tensor).sin()).neg()],
  saves: [0],
});
