import { opExpr, scalarExpr } from "../../ir/expr.ts";
import { defineBinary, type Binary, type Operand } from "../elementwise.ts";
import { log1pExpr } from "../log1p/log1p.ts";
import { sigmoid } from "../sigmoid/sigmoid.ts";
import { sub } from "../sub/sub.ts";

/** log(eᵃ + eᵇ) without overflow: the larger plus log(1 + e^−|a − b|). */
export const logaddexp: Binary = /* @__PURE__ */ defineBinary({
  name: "logaddexp",
  dtype: "float",
  expr: (a, b) => {
    const top = opExpr("max", a, b);
    const apart = log1pExpr(opExpr("exp", opExpr("neg", opExpr("abs", opExpr("sub", a, b)))));
    // Equal infinities have no difference.
    const distance = opExpr("select", opExpr("eq", a, b), scalarExpr(Math.LN2, "f32"), apart);
    return opExpr("add", top, distance);
  },
  grad: ({ x }, dy) => [dy.mul(share(x(0), x(1))), dy.mul(share(x(1), x(0)))],
  saves: [0, 1],
});

/** eᵃ / (eᵃ + eᵇ). */
function share(a: Operand, b: Operand) {
  return sigmoid(sub(a, b));
}
