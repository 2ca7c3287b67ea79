import { opExpr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

/** −1, 0 or 1; NaN stays NaN. */
export const sign: Unary = /* @__PURE__ */ defineUnary({
  name: "sign",
  dtype: "promote",
  expr: (x) => opExpr("sign", x),
  grad: () => [null],
});
