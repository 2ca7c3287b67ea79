// The inverse hyperbolic functions through log1p, so that they keep their digits near 0 (acosh: near 1). Beyond 2^32
// the square under the root would overflow or hide the 1: there they are log 2|x|.

import { opExpr, scalarExpr, type Expr } from "../../ir/expr.ts";
import type { View } from "../../core/storage.ts";
import type { Tensor } from "../../tensor.ts";
import { defineUnary, type Unary } from "../elementwise.ts";
import { log1pExpr } from "../log1p/log1p.ts";

type E = Expr<View>;

const number = (value: number) => scalarExpr(value, "f32");
const limit = 4294967296;

/** log 2x for x above the limit, else log(1 + t) with t from the smaller of x and the limit. */
function logarithm(x: E, t: (x: E) => E): E {
  const far = opExpr("add", opExpr("log", x), number(Math.LN2));
  return opExpr(
    "select",
    opExpr("lt", number(limit), x),
    far,
    log1pExpr(t(opExpr("min", x, number(limit)))),
  );
}

/** `of(|x|)` with the sign of x; NaN stays NaN. */
function odd(x: E, of: (size: E) => E): E {
  const value = of(opExpr("abs", x));
  return opExpr("select", opExpr("lt", x, number(0)), opExpr("neg", value), value);
}

/** Inverse hyperbolic sine: log(x + √(x² + 1)). */
export const asinh: Unary = /* @__PURE__ */ defineUnary({
  name: "asinh",
  dtype: "float",
  expr: (x) =>
    odd(x, (size) =>
      logarithm(size, (s) => {
        const square = opExpr("mul", s, s);
        const root = opExpr("sqrt", opExpr("add", square, number(1)));
        return opExpr("add", s, opExpr("div", square, opExpr("add", root, number(1))));
      }),
    ),
  grad: ({ x }, dy) => [dy.mul((x(0) as Tensor).square().add(1).rsqrt())],
  saves: [0],
});

/** Inverse hyperbolic cosine: log(x + √(x² − 1)); NaN below 1. */
export const acosh: Unary = /* @__PURE__ */ defineUnary({
  name: "acosh",
  dtype: "float",
  expr: (x) =>
    logarithm(x, (s) => {
      const t = opExpr("sub", s, number(1));
      return opExpr("add", t, opExpr("sqrt", opExpr("mul", t, opExpr("add", t, number(2)))));
    }),
  grad: ({ x }, dy) => {
    const input = x(0) as Tensor;
    return [dy.mul(input.sub(1).mul(input.add(1)).rsqrt())];
  },
  saves: [0],
});

/** Inverse hyperbolic tangent: ½·log((1 + x) / (1 − x)); infinite at ±1, NaN beyond. */
export const atanh: Unary = /* @__PURE__ */ defineUnary({
  name: "atanh",
  dtype: "float",
  expr: (x) =>
    odd(x, (size) => {
      const ratio = opExpr("div", opExpr("add", size, size), opExpr("sub", number(1), size));
      return opExpr("mul", log1pExpr(ratio), number(0.5));
    }),
  grad: ({ x }, dy) => {
    const input = x(0) as Tensor;
    return [dy.div(input.neg().add(1).mul(input.add(1)))];
  },
  saves: [0],
});
