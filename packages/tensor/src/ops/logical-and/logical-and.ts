import { castExpr, opExpr } from "../../ir/expr.ts";
import { defineBinary, type Binary } from "../elementwise.ts";

/** Logical and of a ≠ 0 and b ≠ 0, as bool. */
export const logicalAnd: Binary = /* @__PURE__ */ defineBinary({
  name: "logicalAnd",
  dtype: "compare",
  expr: (a, b) => opExpr("and", castExpr(a, "bool"), castExpr(b, "bool")),
});
