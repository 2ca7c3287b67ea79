import { castExpr, opExpr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

/** True where x is 0. */
export const logicalNot: Unary = /* @__PURE__ */ defineUnary({
  name: "logicalNot",
  dtype: "compare",
  expr: (x) => opExpr("not", castExpr(x, "bool")),
});
