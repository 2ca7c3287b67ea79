import { opExpr } from "../../ir/expr.ts";
import { defineBinary, type Binary } from "../elementwise.ts";

/** a = b elementwise, as bool. */
export const eq: Binary = /* @__PURE__ */ defineBinary({
  name: "eq",
  dtype: "compare",
  expr: (a, b) => opExpr("eq", a, b),
});
