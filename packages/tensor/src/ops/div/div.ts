import { opExpr } from "../../ir/expr.ts";
import { defineBinary, type Binary } from "../elementwise.ts";

/** a / b as floats, broadcast (PyTorch's true division). */
export const div: Binary = /* @__PURE__ */ defineBinary({
  name: "div",
  dtype: "float",
  expr: (a, b) => opExpr("div", a, b),
  grad: ({ x, y }, dy) => [dy.div(x(1)), dy.mul(y).div(x(1)).neg()],
  saves: [1, "output"],
});
