import { opExpr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

/** x without its fraction; the gradient is 0. */
export const trunc: Unary = /* @__PURE__ */ defineUnary({
  name: "trunc",
  dtype: "float",
  expr: (x) => opExpr("trunc", x),
  grad: () => [null],
});
