import { opExpr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

export const tanh: Unary = /* @__PURE__ */ defineUnary({
  name: "tanh",
  dtype: "float",
  expr: (x) => opExpr("tanh", x),
  grad: ({ y }, dy) => [dy.mul(y.square().neg().add(1))],
  saves: ["output"],
});
