import { opExpr } from "../../ir/expr.ts";
import { defineBinary, type Binary } from "../elementwise.ts";

/** a < b elementwise, as bool. */
export const lt: Binary = /* @__PURE__ */ defineBinary({
  name: "lt",
  dtype: "compare",
  expr: (a, b) => opExpr("lt", a, b),
});
