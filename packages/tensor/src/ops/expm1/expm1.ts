import { opExpr, scalarExpr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

/** eˣ − 1, exact for small x: (u − 1)·x / log(u) with u = eˣ rounded (Higham 2002, §1.14.1). */
export const expm1: Unary = /* @__PURE__ */ defineUnary({
  name: "expm1",
  dtype: "float",
  expr: (x) => {
    const one = scalarExpr(1, "f32");
    const u = opExpr("exp", x);
    const minusOne = opExpr("sub", u, one);
    const corrected = opExpr("div", opExpr("mul", minusOne, x), opExpr("log", u));
    const small = opExpr("le", opExpr("abs", x), one);
    const isOne = opExpr("eq", u, one);
    return opExpr("select", isOne, x, opExpr("select", small, corrected, minusOne));
  },
  grad: ({ y }, dy) => [dy.mul(y.add(1))],
  saves: ["output"],
});
