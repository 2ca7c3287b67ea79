import { castExpr, opExpr } from "../../ir/expr.ts";
import { defineBinary, type Binary } from "../elementwise.ts";

/** Logical or of a ≠ 0 and b ≠ 0, as bool. */
export const logicalOr: Binary = /* @__PURE__ */ defineBinary({
  name: "logicalOr",
  dtype: "compare",
  expr: (a, b) => opExpr("or", castExpr(a, "bool"), castExpr(b, "bool")),
});
