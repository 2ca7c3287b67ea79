import { opExpr, scalarExpr } from "../../ir/expr.ts";
import { defineBinary, type Binary } from "../elementwise.ts";

/** ⌊a / b⌋ for integers and floats alike (Python's //). An integer divided by 0 gives 0. */
export const floorDivide: Binary = /* @__PURE__ */ defineBinary({
  name: "floorDivide",
  dtype: "promote",
  expr: (a, b) => {
    const quotient = opExpr("div", a, b);
    if (quotient.type === "f32") return opExpr("floor", quotient);
    if (quotient.type === "u32") return quotient;
    // The integer division of the IR truncates: one less where the signs differ and a rest is left.
    const zero = scalarExpr(0, "i32");
    const rest = opExpr("rem", a, b);
    const signsDiffer = opExpr("ne", opExpr("lt", rest, zero), opExpr("lt", b, zero));
    const below = opExpr("and", opExpr("ne", rest, zero), signsDiffer);
    return opExpr("select", below, opExpr("sub", quotient, scalarExpr(1, "i32")), quotient);
  },
});
