import { opExpr } from "../../ir/expr.ts";
import { defineBinary, type Binary } from "../elementwise.ts";
import { tieGradient } from "../tie-gradient.ts";

/** The smaller of a and b; NaN if either is NaN. Equal operands share the gradient in halves. */
export const minimum: Binary = /* @__PURE__ */ defineBinary({
  name: "minimum",
  dtype: "promote",
  expr: (a, b) => opExpr("min", a, b),
  grad: ({ x, y }, dy) => [tieGradient(x(0), x(1), y, dy), tieGradient(x(1), x(0), y, dy)],
  saves: [0, 1, "output"],
});
