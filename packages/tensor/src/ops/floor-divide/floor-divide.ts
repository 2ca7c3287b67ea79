import { opExpr, scalarExpr } from "../../ir/expr.ts";
import { defineBinary, type Binary } from "../elementwise.ts";

/**
 * The q of a = q · b + remainder(a, b), for integers and floats alike (Python's //): ⌊a / b⌋ of the exact
 * quotient, 9 for 1 and 0.1. An integer divided by 0 gives 0, a float a / 0.
 */
export const floorDivide: Binary = /* @__PURE__ */ defineBinary({
  name: "floorDivide",
  dtype: "promote",
  expr: (a, b) => {
    const quotient = opExpr("div", a, b);
    if (quotient.type === "f32") {
      // a / b may round up to an integer that it does not reach: first take away the rest, as torch does.
      const none = scalarExpr(0, "f32");
      const rest = opExpr("rem", a, b);
      const differs = opExpr("ne", opExpr("lt", rest, none), opExpr("lt", b, none));
      const isBelow = opExpr("and", opExpr("ne", rest, none), differs);
      const whole = opExpr("div", opExpr("sub", a, rest), b);
      const lower = opExpr("select", isBelow, opExpr("sub", whole, scalarExpr(1, "f32")), whole);
      const floor = opExpr("floor", lower);
      const isAbove = opExpr("lt", scalarExpr(0.5, "f32"), opExpr("sub", lower, floor));
      const near = opExpr("select", isAbove, opExpr("add", floor, scalarExpr(1, "f32")), floor);
      return opExpr("select", opExpr("eq", b, none), quotient, near);
    }
    if (quotient.type === "u32") return quotient;
    // The integer division of the IR truncates: one less where the signs differ and a rest is left.
    const zero = scalarExpr(0, "i32");
    const rest = opExpr("rem", a, b);
    const signsDiffer = opExpr("ne", opExpr("lt", rest, zero), opExpr("lt", b, zero));
    const below = opExpr("and", opExpr("ne", rest, zero), signsDiffer);
    return opExpr("select", below, opExpr("sub", quotient, scalarExpr(1, "i32")), quotient);
  },
});
