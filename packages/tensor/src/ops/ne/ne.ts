import { opExpr } from "../../ir/expr.ts";
import { defineBinary, type Binary } from "../elementwise.ts";

/** a ≠ b elementwise, as bool. */
export const ne: Binary = /* @__PURE__ */ defineBinary({
  name: "ne",
  dtype: "compare",
  expr: (a, b) => opExpr("ne", a, b),
});
