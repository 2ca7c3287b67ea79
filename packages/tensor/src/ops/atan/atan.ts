import type { Tensor } from "../../tensor.ts";
import { opExpr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

export const atan: Unary = /* @__PURE__ */ defineUnary({
  name: "atan",
  dtype: "float",
  expr: (x) => opExpr("atan", x),
  grad: ({ x }, dy) => [dy.div((x(0) as Tensor).square().add(1))],
  saves: [0],
});
