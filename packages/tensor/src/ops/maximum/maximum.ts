import { opExpr } from "../../ir/expr.ts";
import { defineBinary, type Binary } from "../elementwise.ts";
import { tieGradient } from "../tie-gradient.ts";

/** The larger of a and b; NaN if either is NaN. Equal operands share the gradient in halves. */
export const maximum: Binary = /* @__PURE__ */ defineBinary({
  name: "maximum",
  dtype: "promote",
  expr: (a, b) => opExpr("max", a, b),
  grad: ({ x, y }, dy) => [tieGradient(x(0), x(1), y, dy), tieGradient(x(1), x(0), y, dy)],
  saves: [0, 1, "output"],
});
