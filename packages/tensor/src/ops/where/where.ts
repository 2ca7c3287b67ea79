import { castExpr, opExpr } from "../../ir/expr.ts";
import { defineTernary, type Operand } from "../elementwise.ts";
import type { Tensor } from "../../tensor.ts";

const select = /* @__PURE__ */ defineTernary({
  name: "where",
  dtype: "promote",
  // The condition shares the operands' promotion (0 or 1 in their type) and becomes bool again here.
  expr: (condition, a, b) => opExpr("select", castExpr(condition, "bool"), a, b),
  grad: ({ x }, dy) => {
    const condition = x(0) as Tensor;
    return [null, condition.where(dy, 0), condition.where(0, dy)];
  },
  saves: [0],
});

/** `ifTrue` where the condition is not 0, else `ifFalse`; all three broadcast. */
export function where(condition: Tensor, ifTrue: Operand, ifFalse: Operand): Tensor {
  return select(condition, ifTrue, ifFalse);
}
