import type { Tensor } from "../../tensor.ts";
import { opExpr, scalarExpr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

/** log(1 + x), exact for small x: log(u)·x / (u − 1) with u = 1 + x rounded (Goldberg 1991, theorem 4). */
export const log1p: Unary = /* @__PURE__ */ defineUnary({
  name: "log1p",
  dtype: "float",
  expr: (x) => {
    const one = scalarExpr(1, "f32");
    const u = opExpr("add", x, one);
    const logarithm = opExpr("log", u);
    const corrected = opExpr("div", opExpr("mul", logarithm, x), opExpr("sub", u, one));
    const large = opExpr("lt", one, x); // where 1 + x loses nothing that matters
    const isOne = opExpr("eq", u, one);
    return opExpr("select", isOne, x, opExpr("select", large, logarithm, corrected));
  },
  grad: ({ x }, dy) => [dy.div((x(0) as Tensor).add(1))],
  saves: [0],
});
