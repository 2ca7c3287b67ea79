import { opExpr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

/** The natural logarithm. */
export const log: Unary = /* @__PURE__ */ defineUnary({
  name: "log",
  dtype: "float",
  expr: (x) => opExpr("log", x),
  grad: ({ x }, dy) => [dy.div(x(0))],
  saves: [0],
});
