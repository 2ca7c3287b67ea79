import { opExpr } from "../../ir/expr.ts";
import { defineBinary, type Binary } from "../elementwise.ts";

/** a + b, broadcast. */
export const add: Binary = /* @__PURE__ */ defineBinary({
  name: "add",
  dtype: "promote",
  expr: (a, b) => opExpr("add", a, b),
  grad: (_, dy) => [dy, dy],
});
