// Cases of the functions of one number (and atan2, which has two): roots, exponentials, trigonometry,
// activations.

import {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  cosh,
  dropout,
  erf,
  exp2,
  expm1,
  gelu,
  Generator,
  isFinite,
  isInf,
  log10,
  log1p,
  log2,
  logaddexp,
  relu,
  sinh,
  softplus,
  swiglu,
  tan,
  type Tensor,
} from "@sixtyone/tensor";
import type { OpCases } from "../op-case.ts";
import type { Values } from "../random-values.ts";
import { binary, unary } from "./elementwise-shapes.ts";

const uniform = (low: number, high: number): Values => ({ kind: "uniform", low, high });
const distinct: Values = { kind: "distinct", step: 0.25 };

const unusual: Values = { kind: "list", values: [1, NaN, -Infinity, 0, Infinity, 3.4e38, -1e-40] };

/** Both operands are tensors: these take no numbers. */
function ofTensors(
  run: (a: Tensor, b: Tensor) => Tensor,
  values: readonly [Values?, Values?] = [],
): OpCases {
  const { cases, ...rest } = binary((a, b) => run(a, b as Tensor), values);
  return { ...rest, cases: cases.filter(({ operands }) => operands.length === 2) };
}

export const functionCases = {
  sqrt: unary((x) => x.sqrt(), uniform(0.2, 9)),
  rsqrt: unary((x) => x.rsqrt(), uniform(0.5, 9)),
  reciprocal: unary((x) => x.reciprocal(), uniform(0.5, 4)),
  square: unary((x) => x.square()),
  exp: unary((x) => x.exp(), uniform(-4, 3)),
  log: unary((x) => x.log(), uniform(0.3, 20)),
  sin: unary((x) => x.sin(), uniform(-9, 9)),
  cos: unary((x) => x.cos(), uniform(-9, 9)),
  atan: unary((x) => atan(x), uniform(-5, 5)),
  tanh: unary((x) => x.tanh(), uniform(-4, 4)),
  erf: unary((x) => erf(x), uniform(-4, 4)),
  sigmoid: unary((x) => x.sigmoid(), uniform(-9, 9)),
  silu: unary((x) => x.silu(), uniform(-9, 9)),
  gelu: unary((x) => gelu(x).add(gelu(x, { approximate: "tanh" }))),
  softplus: unary((x) => softplus(x), distinct),
  exp2: unary((x) => exp2(x), uniform(-6, 5)),
  expm1: unary((x) => expm1(x), uniform(-3, 3)),
  log2: unary((x) => log2(x), uniform(0.3, 20)),
  log10: unary((x) => log10(x), uniform(0.3, 20)),
  log1p: unary((x) => log1p(x), uniform(-0.7, 4)),
  tan: unary((x) => tan(x), uniform(-1.2, 1.2)),
  asin: unary((x) => asin(x), uniform(-0.9, 0.9)),
  acos: unary((x) => acos(x), uniform(-0.9, 0.9)),
  sinh: unary((x) => sinh(x), uniform(-3, 3)),
  cosh: unary((x) => cosh(x), uniform(-3, 3)),
  asinh: unary((x) => asinh(x), uniform(-20, 20)),
  acosh: unary((x) => acosh(x), uniform(1.2, 20)),
  atanh: unary((x) => atanh(x), uniform(-0.9, 0.9)),
  relu: unary((x) => relu(x), distinct),
  isFinite: unary((x) => isFinite(x), unusual, { order: 0 }),
  isInf: unary((x) => isInf(x), unusual, { order: 0 }),
  logaddexp: binary((a, b) => logaddexp(a, b)),
  atan2: ofTensors((y, x) => atan2(y, x), [distinct, { kind: "distinct", step: 0.3 }]),
  swiglu: ofTensors((gate, up) => swiglu(gate, up)),
  dropout: unary((x) => dropout(x, 0.4, new Generator(x.device, 61))),
} as const satisfies Record<string, OpCases>;
