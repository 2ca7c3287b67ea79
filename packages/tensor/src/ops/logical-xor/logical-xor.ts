import { castExpr, opExpr } from "../../ir/expr.ts";
import { defineBinary, type Binary } from "../elementwise.ts";

/** Logical xor of a ≠ 0 and b ≠ 0, as bool. */
export const logicalXor: Binary = /* @__PURE__ */ defineBinary({
  name: "logicalXor",
  dtype: "compare",
  expr: (a, b) => opExpr("xor", castExpr(a, "bool"), castExpr(b, "bool")),
});
