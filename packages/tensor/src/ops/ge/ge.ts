import { opExpr } from "../../ir/expr.ts";
import { defineBinary, type Binary } from "../elementwise.ts";

/** a ≥ b elementwise, as bool. */
export const ge: Binary = /* @__PURE__ */ defineBinary({
  name: "ge",
  dtype: "compare",
  expr: (a, b) => opExpr("le", b, a),
});
