import { opExpr, scalarExpr } from "../../ir/expr.ts";
import { defineBinary, type Binary } from "../elementwise.ts";

/** a − b · ⌊a / b⌋: the remainder with the sign of b (Python's %, torch.remainder). */
export const remainder: Binary = /* @__PURE__ */ defineBinary({
  name: "remainder",
  dtype: "promote",
  expr: (a, b) => {
    const rest = opExpr("rem", a, b);
    if (rest.type === "u32") return rest;
    const zero = scalarExpr(0, rest.type);
    const signsDiffer = opExpr("ne", opExpr("lt", rest, zero), opExpr("lt", b, zero));
    const wrong = opExpr("and", opExpr("ne", rest, zero), signsDiffer);
    return opExpr("select", wrong, opExpr("add", rest, b), rest);
  },
  // b's gradient is −⌊a / b⌋ = −(a − y) / b.
  grad: ({ x, y }, dy) => {
    const [a, b] = [x(0), x(1)];
    return [dy, dy.mul(y.sub(a)).div(b)];
  },
  saves: [0, 1, "output"],
});
