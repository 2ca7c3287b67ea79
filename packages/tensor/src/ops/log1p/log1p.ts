import type { Tensor } from "../../tensor.ts";
import { opExpr, scalarExpr, type Expr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

const number = (value: number) => scalarExpr(value, "f32");

/** log(1 + x) as an expression, for other ops. */
export function log1pExpr<Leaf>(x: Expr<Leaf>): Expr<Leaf> {
  const s = opExpr("div", x, opExpr("add", x, number(2)));
  const z = opExpr("mul", s, s);
  let series = opExpr("mul", z, number(1 / 11));
  for (const power of [9, 7, 5, 3]) {
    series = opExpr("mul", z, opExpr("add", series, number(1 / power)));
  }
  const twice = opExpr("add", s, s);
  const small = opExpr("add", twice, opExpr("mul", twice, series));
  const large = opExpr("log", opExpr("add", x, number(1)));
  const isSmall = opExpr("lt", opExpr("abs", x), number(1 / 3));
  return opExpr("select", isSmall, small, large);
}

/**
 * log(1 + x). Near 0 it is 2·artanh(s) with s = x / (2 + x), as the series s + s³/3 + s⁵/5 + …, which is exact
 * to f32 for |x| < ⅓. The known correction by (1 + x) − 1 is no choice: compilers of shaders take that for x.
 */
export const log1p: Unary = /* @__PURE__ */ defineUnary({
  name: "log1p",
  dtype: "float",
  expr: log1pExpr,
  grad: ({ x }, dy) => [dy.div((x(0) as Tensor).add(1))],
  saves: [0],
});
