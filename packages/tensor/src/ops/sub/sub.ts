import { opExpr } from "../../ir/expr.ts";
import { defineBinary, type Binary } from "../elementwise.ts";

/** a − b, broadcast. */
export const sub: Binary = /* @__PURE__ */ defineBinary({
  name: "sub",
  dtype: "promote",
  expr: (a, b) => opExpr("sub", a, b),
  grad: (_, dy) => [dy, dy.neg()],
});
