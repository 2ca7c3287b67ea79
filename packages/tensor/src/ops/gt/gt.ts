import { opExpr } from "../../ir/expr.ts";
import { defineBinary, type Binary } from "../elementwise.ts";

/** a > b elementwise, as bool. */
export const gt: Binary = /* @__PURE__ */ defineBinary({
  name: "gt",
  dtype: "compare",
  expr: (a, b) => opExpr("lt", b, a),
});
