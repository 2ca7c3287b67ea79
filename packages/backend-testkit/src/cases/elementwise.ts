// Cases of the elementwise arithmetic, comparisons and logic. What differs between them is one call and the
// numbers it makes sense on.

import {
  ceil,
  floorDivide,
  isNaN,
  logicalXor,
  remainder,
  round,
  trunc,
  type Tensor,
} from "@sixtyone/tensor";
import type { OpCase, OpCases } from "../op-case.ts";
import type { Values } from "../random-values.ts";
import { binary, pairs, unary } from "./elementwise-shapes.ts";

const uniform = (low: number, high: number): Values => ({ kind: "uniform", low, high });
/** Quarter steps: sums and products are exact in f32, so floors and comparisons are the same everywhere. */
const distinct: Values = { kind: "distinct", step: 0.25 };
const wholes: Values = { kind: "integers", low: -4, high: 4 };

/** Small, and far from every multiple of the divisors, where the remainder jumps. */
const dividends: Values = { kind: "list", values: [1.1, -2.3, 4.4, -0.4, 7.9, 0.3, -5.6] };
const flat = { order: 1 } as const;
const none = { order: 0 } as const;

function mixed(run: (a: Tensor, b: Tensor | number) => Tensor): OpCases {
  const { cases } = binary(run, [wholes, wholes], none);
  const special: Values = { kind: "list", values: [NaN, Infinity, -Infinity, 0, -0, 1, NaN] };
  const swapped: Values = { kind: "list", values: [1, Infinity, 0, -0, NaN, 1, NaN] };
  const ofDType = (dtype: "i32" | "u32" | "bool"): OpCase => ({
    operands: [
      { shape: [2, 9], dtype, fixed: true },
      { shape: [9], dtype, fixed: true },
    ],
    run: ([a, b]) => run(a!, b!),
  });
  return {
    order: 0,
    cases: [
      ...cases,
      ofDType("i32"),
      ofDType("u32"),
      ofDType("bool"),
      {
        note: "NaN and infinities",
        operands: [
          { shape: [7], values: special, fixed: true },
          { shape: [7], values: swapped, fixed: true },
        ],
        run: ([a, b]) => run(a!, b!),
      },
    ],
  };
}

function logical(run: (a: Tensor, b: Tensor) => Tensor): OpCases {
  const cases = pairs.map(([a, b]): OpCase => ({
    operands: [
      { ...a, dtype: "bool" },
      { ...b, dtype: "bool" },
    ],
    run: ([x, y]) => run(x!, y!),
  }));
  return { order: 0, cases };
}

/** Integer cases beside the float ones: division by zero, both signs. */
function withIntegers(base: OpCases, run: (a: Tensor, b: Tensor) => Tensor): OpCases {
  const dtypes = ["i32", "u32"] as const;
  const more = dtypes.map((dtype): OpCase => ({
    note: `${dtype}, zeros among the divisors`,
    operands: [
      { shape: [40], dtype, fixed: true, values: { kind: "integers", low: -20, high: 20 } },
      { shape: [40], dtype, fixed: true, values: { kind: "integers", low: -3, high: 3 } },
    ],
    run: ([a, b]) => run(a!, b!),
  }));
  return { ...base, cases: [...base.cases, ...more] };
}

export const elementwiseCases = {
  neg: unary((x) => x.neg()),
  abs: unary((x) => x.abs(), distinct),
  sign: unary((x) => x.sign(), wholes, none),
  floor: unary((x) => x.floor(), distinct, none),
  ceil: unary((x) => ceil(x), distinct, none),
  round: unary((x) => round(x), { kind: "distinct", step: 1 }, none),
  trunc: unary((x) => trunc(x), distinct, none),
  isNaN: unary((x) => isNaN(x), { kind: "list", values: [1, NaN, -Infinity, 0] }, none),
  logicalNot: unary((x) => x.logicalNot(), wholes, none),
  add: binary((a, b) => a.add(b)),
  sub: binary((a, b) => a.sub(b)),
  mul: binary((a, b) => a.mul(b)),
  div: withIntegers(
    binary((a, b) => a.div(b), [undefined, uniform(0.5, 3)]),
    (a, b) => a.div(b),
  ),
  floorDivide: withIntegers(
    binary(
      (a, b) => floorDivide(a, b),
      [distinct, { kind: "list", values: [0.5, 2, -1, -4] }],
      none,
    ),
    (a, b) => floorDivide(a, b),
  ),
  remainder: withIntegers(
    binary(
      (a, b) => remainder(a, b),
      [dividends, { kind: "list", values: [0.75, 3, -1.3, -5] }],
      flat,
    ),
    (a, b) => remainder(a, b),
  ),
  pow: binary((a, b) => a.pow(b), [uniform(0.5, 3), uniform(-2, 3)], { number: 3 }),
  minimum: binary((a, b) => a.minimum(b), [distinct, { kind: "distinct", step: 0.3 }]),
  maximum: binary((a, b) => a.maximum(b), [distinct, { kind: "distinct", step: 0.3 }]),
  eq: mixed((a, b) => a.eq(b)),
  ne: mixed((a, b) => a.ne(b)),
  lt: mixed((a, b) => a.lt(b)),
  le: mixed((a, b) => a.le(b)),
  gt: mixed((a, b) => a.gt(b)),
  ge: mixed((a, b) => a.ge(b)),
  logicalAnd: logical((a, b) => a.logicalAnd(b)),
  logicalOr: logical((a, b) => a.logicalOr(b)),
  logicalXor: logical((a, b) => logicalXor(a, b)),
} as const satisfies Record<string, OpCases>;
