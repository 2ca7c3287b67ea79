import { opExpr } from "../../ir/expr.ts";
import { defineBinary, type Binary } from "../elementwise.ts";

/** a · b, broadcast. */
export const mul: Binary = /* @__PURE__ */ defineBinary({
  name: "mul",
  dtype: "promote",
  expr: (a, b) => opExpr("mul", a, b),
  grad: ({ x }, dy) => [dy.mul(x(1)), dy.mul(x(0))],
  saves: [0, 1],
});
