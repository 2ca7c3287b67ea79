import { castExpr, opExpr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

/** True where x is NaN; false for every integer. */
export const isNaN: Unary = /* @__PURE__ */ defineUnary({
  name: "isNaN",
  dtype: "compare",
  expr: (x) => opExpr("isNaN", castExpr(x, "f32")),
});
