// Cases of the ops that reduce or walk along axes.

import { cumsum, logSoftmax, logsumexp, prod, sort, topk, type Tensor } from "@sixtyone/tensor";
import type { OpCase, OpCases } from "../op-case.ts";
import type { Operand } from "../operand.ts";
import type { Values } from "../random-values.ts";

type Axes = number | readonly number[] | undefined;

const axesCases: readonly (readonly [Operand, Axes])[] = [
  [{ shape: [3, 5] }, 1],
  [{ shape: [3, 5] }, undefined],
  [{ shape: [] }, undefined],
  [{ shape: [1] }, 0],
  [{ shape: [7] }, -1],
  [{ shape: [2, 3, 4] }, 1],
  [{ shape: [2, 3, 4] }, [0, 2]],
  [{ shape: [2, 3, 4] }, []],
  [{ shape: [0, 3] }, 1],
  [{ shape: [3, 5], layout: "transposed" }, 0],
  [{ shape: [3, 5], layout: "transposed" }, 1],
  [{ shape: [4, 3], layout: "flipped" }, 1],
  [{ shape: [4, 3], layout: "repeated" }, 0],
  [{ shape: [2, 9], layout: "stepped" }, -1],
  [{ shape: [3, 1, 2, 1] }, [1, 2]],
  [{ shape: [5, 131] }, 1],
  [{ shape: [257, 6] }, 0],
];

const distinct: Values = { kind: "distinct", step: 0.25 };

function reduction(
  run: (x: Tensor, axes: Axes) => Tensor,
  options: Omit<OpCases, "cases"> & { readonly values?: Values; readonly longest?: number } = {},
): OpCases {
  const { values, longest = Infinity, ...rest } = options;
  const cases = axesCases
    .filter(([{ shape }]) => Math.max(0, ...shape) <= longest)
    .map(([operand, axes]): OpCase => ({
      note: `axes ${axes === undefined ? "all" : JSON.stringify(axes)}`,
      operands: [{ ...operand, ...(values && { values }) }],
      run: ([x]) => run(x!, axes),
    }));
  return { ...rest, cases };
}

function withCases(base: OpCases, ...more: OpCase[]): OpCases {
  return { ...base, cases: [...base.cases, ...more] };
}

/** Sums that cancel nothing and are long enough to show a naive running sum in f32. */
const longSum: OpCase = {
  note: "100,000 elements",
  operands: [{ shape: [100_000], values: { kind: "uniform", low: 0, high: 1 }, fixed: true }],
  run: ([x]) => x!.sum(),
};

const ofNaN: Operand = {
  shape: [3, 4],
  values: { kind: "list", values: [1, 2, NaN, 3, -1, -2, -3, -4, Infinity, 0, -Infinity, 1] },
  fixed: true,
};

const integers = (run: (x: Tensor) => Tensor): OpCase[] =>
  (["i32", "u32", "bool"] as const).map((dtype) => ({
    operands: [{ shape: [4, 9], dtype, fixed: true }],
    run: ([x]) => run(x!),
  }));

const lastAxis = (run: (x: Tensor, axis: number) => Tensor | readonly Tensor[]): OpCase[] => [
  { operands: [{ shape: [3, 5] }], run: ([x]) => run(x!, -1) },
  { note: "axis 0", operands: [{ shape: [3, 5] }], run: ([x]) => run(x!, 0) },
  { note: "axis 1", operands: [{ shape: [2, 3, 4] }], run: ([x]) => run(x!, 1) },
  { operands: [{ shape: [1] }], run: ([x]) => run(x!, 0) },
  { operands: [{ shape: [4, 3], layout: "transposed" }], run: ([x]) => run(x!, 1) },
  { operands: [{ shape: [4, 3], layout: "flipped" }], run: ([x]) => run(x!, 1) },
  { operands: [{ shape: [3, 6], layout: "stepped" }], run: ([x]) => run(x!, -1) },
  { operands: [{ shape: [0, 3] }], run: ([x]) => run(x!, -1) },
  { operands: [{ shape: [3, 301] }], run: ([x]) => run(x!, -1) },
];

const filled = (cases: readonly OpCase[], values: Values): OpCase[] =>
  cases.map((c) => ({ ...c, operands: c.operands.map((operand) => ({ ...operand, values })) }));

/** Many equal keys: only a stable order is right. */
const ties: Values = { kind: "integers", low: -2, high: 2 };
const tied: OpCase = {
  note: "ties keep their order",
  operands: [{ shape: [5, 64], values: ties, fixed: true }],
  run: ([x]) => pair(sort(x!)),
};

function pair({ values, indices }: { values: Tensor; indices: Tensor }): Tensor[] {
  return [values, indices];
}

const argCases = (run: (x: Tensor, axis?: number) => Tensor): OpCases => ({
  order: 0,
  cases: [
    ...filled(
      lastAxis((x, axis) => run(x, axis)),
      ties,
    ),
    { note: "flat", operands: [{ shape: [3, 4] }], run: ([x]) => run(x!) },
    { note: "NaN and infinities", operands: [ofNaN], run: ([x]) => run(x!, -1) },
    ...integers((x) => run(x.cast("i32"), 1)),
  ],
});

export const reductionCases = {
  sum: withCases(
    reduction((x, axes) => x.sum(axes)),
    longSum,
    ...integers((x) => x.sum(1)),
    {
      note: "an elementwise prologue",
      operands: [{ shape: [6, 7] }, { shape: [7] }],
      run: ([x, y]) => x!.mul(y!).add(1).exp().sum(1),
    },
    {
      note: "keepDim",
      operands: [{ shape: [2, 3, 2] }],
      run: ([x]) => x!.sum([0, 1], { keepDim: true }),
    },
  ),
  mean: withCases(
    reduction((x, axes) => x.mean(axes)),
    ...integers((x) => x.mean(1)),
  ),
  prod: withCases(
    reduction((x, axes) => prod(x, axes), {
      values: { kind: "uniform", low: 0.6, high: 1.4 },
      longest: 9,
    }),
    {
      note: "a zero among the factors",
      operands: [{ shape: [2, 4], values: { kind: "list", values: [2, 0, 3, 0.5, 1, 2, 3, 4] } }],
      run: ([x]) => prod(x!, 1),
    },
    ...integers((x) => prod(x, 1)),
  ),
  max: withCases(
    reduction((x, axes) => x.max(axes), { values: distinct }),
    { note: "NaN and infinities", operands: [ofNaN], run: ([x]) => x!.max(1) },
    ...integers((x) => x.max(0)),
  ),
  min: withCases(
    reduction((x, axes) => x.min(axes), { values: distinct }),
    { note: "NaN and infinities", operands: [ofNaN], run: ([x]) => x!.min(1) },
    ...integers((x) => x.min(0)),
  ),
  argmax: argCases((x, axis) => x.argmax(axis)),
  argmin: argCases((x, axis) => x.argmin(axis)),
  logsumexp: {
    cases: [
      ...lastAxis((x, axis) => logsumexp(x, axis)),
      { note: "two axes", operands: [{ shape: [2, 3, 4] }], run: ([x]) => logsumexp(x!, [0, 2]) },
      {
        note: "all axes, kept",
        operands: [{ shape: [3, 5], layout: "flipped" }],
        run: ([x]) => logsumexp(x!, [0, 1], { keepDim: true }),
      },
      {
        note: "−∞ and large",
        operands: [
          {
            shape: [3, 3],
            values: {
              kind: "list",
              values: [-Infinity, -Infinity, -Infinity, 200, 201, 0, -Infinity, 1, 2],
            },
            fixed: true,
          },
        ],
        run: ([x]) => logsumexp(x!, 1),
      },
    ],
  },
  softmax: { cases: lastAxis((x, axis) => x.softmax(axis)) },
  logSoftmax: { cases: lastAxis((x, axis) => logSoftmax(x, axis)) },
  cumsum: {
    cases: [
      ...lastAxis((x, axis) => cumsum(x, axis)),
      ...lastAxis((x, axis) => cumsum(x, axis, { exclusive: true })),
      ...lastAxis((x, axis) => cumsum(x, axis, { reverse: true })),
      ...lastAxis((x, axis) => cumsum(x, axis, { exclusive: true, reverse: true })),
      ...integers((x) => cumsum(x, 1)),
    ],
  },
  sort: {
    cases: [
      ...filled(
        lastAxis((x, axis) => pair(sort(x, axis))),
        distinct,
      ),
      ...filled(
        lastAxis((x, axis) => pair(sort(x, axis, { descending: true }))),
        distinct,
      ),
      tied,
      { ...tied, run: ([x]) => pair(sort(x!, -1, { descending: true })) },
      { note: "NaN and infinities", operands: [ofNaN], run: ([x]) => pair(sort(x!)) },
      ...integers((x) => sort(x).indices),
    ],
  },
  topk: {
    cases: [
      ...filled(
        lastAxis((x, axis) => pair(topk(x, 1, axis))),
        distinct,
      ),
      ...filled([{ operands: [{ shape: [3, 8] }], run: ([x]) => pair(topk(x!, 3)) }], distinct),
      ...filled([{ operands: [{ shape: [8, 3] }], run: ([x]) => pair(topk(x!, 5, 0)) }], distinct),
      { ...tied, run: ([x]) => pair(topk(x!, 7, -1, { largest: false })) },
      { note: "k = 0", operands: [{ shape: [3, 4] }], run: ([x]) => pair(topk(x!, 0)) },
    ],
  },
} as const satisfies Record<string, OpCases>;
