import { opExpr } from "../../ir/expr.ts";
import { defineBinary, type Binary } from "../elementwise.ts";

/** a ≤ b elementwise, as bool. */
export const le: Binary = /* @__PURE__ */ defineBinary({
  name: "le",
  dtype: "compare",
  expr: (a, b) => opExpr("le", a, b),
});
