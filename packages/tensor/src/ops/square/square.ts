import { opExpr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

/** x². */
export const square: Unary = /* @__PURE__ */ defineUnary({
  name: "square",
  dtype: "promote",
  expr: (x) => opExpr("mul", x, x),
  grad: ({ x }, dy) => [dy.mul(x(0)).mul(2)],
  saves: [0],
});
