// Cases of the ops that move elements: views, joins, gathers, scatters.

import {
  concat,
  countingSort,
  embedding,
  scatterAdd,
  stack,
  type DType,
  type Tensor,
} from "@sixtyone/tensor";
import type { OpCase, OpCases } from "../op-case.ts";
import { layouts, type Operand } from "../operand.ts";

type Run = (x: Tensor) => Tensor;

function one(shape: readonly number[], run: Run, note?: string): OpCase {
  return { ...(note !== undefined && { note }), operands: [{ shape }], run: ([x]) => run(x!) };
}

/** The same call on every layout: views of views. */
function everyLayout(shape: readonly number[], run: Run): OpCase[] {
  return layouts.map((layout) => ({ operands: [{ shape, layout }], run: ([x]) => run(x!) }));
}

function everyDType(shape: readonly number[], run: Run): OpCase[] {
  const others: readonly DType[] = ["i32", "u32", "bool", "f16", "bf16"];
  return others.map((dtype) => ({
    operands: [{ shape, dtype, fixed: true }],
    run: ([x]) => run(x!),
  }));
}

const views = (shape: readonly number[], run: Run, ...more: OpCase[]): OpCases => ({
  cases: [...everyLayout(shape, run), ...everyDType(shape, (x) => run(x).clone()), ...more],
});

const index = (shape: readonly number[], high: number, dtype: "i32" | "u32" = "i32"): Operand => ({
  shape,
  dtype,
  values: { kind: "integers", low: 0, high: high - 1 },
  fixed: true,
});

export const shapeCases = {
  cast: {
    order: 1,
    cases: castCases(),
  },
  reshape: views(
    [4, 6],
    (x) => x.reshape([3, 8]),
    one([2, 3, 4], (x) => x.reshape([-1])),
    one([2, 3, 4], (x) => x.permute([2, 0, 1]).reshape([8, 3]), "needs a copy"),
    one([], (x) => x.reshape([1, 1])),
    one([1], (x) => x.reshape([])),
    one([0, 3], (x) => x.reshape([3, 0, 2])),
    one([5, 1, 3], (x) => x.transpose(0, 2).reshape([3, 5])),
  ),
  permute: views(
    [2, 3, 4],
    (x) => x.permute([1, 2, 0]),
    one([2, 3], (x) => x.permute([-1, 0])),
    one([], (x) => x.permute([])),
  ),
  transpose: views(
    [3, 4],
    (x) => x.transpose(),
    one([2, 3, 4], (x) => x.transpose(0, 2)),
    one([0, 3], (x) => x.transpose()),
  ),
  expand: views(
    [3, 1, 4],
    (x) => x.expand([2, 3, 5, 4]),
    one([], (x) => x.expand([2, 2])),
    one([1, 3], (x) => x.expand([0, 3])),
  ),
  contiguous: views([3, 4], (x) => x.contiguous()),
  clone: views([3, 4], (x) => x.clone()),
  unsqueeze: views(
    [3, 4],
    (x) => x.unsqueeze(1),
    one([], (x) => x.unsqueeze(0)),
  ),
  squeeze: views(
    [3, 1, 2, 1],
    (x) => x.squeeze(),
    one([3, 1, 2, 1], (x) => x.squeeze(1)),
  ),
  slice: views(
    [5, 6],
    (x) => x.slice([{ start: 1, end: 5, step: 2 }, null]),
    one([5, 6], (x) => x.slice([[1, -1], { step: -2 }])),
    one([5, 6], (x) => x.slice([{ start: -2, end: 0, step: -1 }])),
    one([5, 6], (x) => x.slice([[3, 3]]), "nothing left"),
    one([9], (x) => x.slice([{ step: 4 }])),
  ),
  narrow: views(
    [5, 4],
    (x) => x.narrow(0, 1, 3),
    one([5, 4], (x) => x.narrow(-1, 4, 0)),
  ),
  select: views(
    [3, 4],
    (x) => x.select(1, 2),
    one([3, 4], (x) => x.select(0, -1)),
  ),
  flip: views(
    [3, 4],
    (x) => x.flip([0, 1]),
    one([3, 4], (x) => x.flip(-1)),
    one([0, 2], (x) => x.flip(0)),
  ),
  sumTo: {
    cases: [
      ...everyLayout([3, 4], (x) => x.sumTo([4])),
      one([2, 3, 4], (x) => x.sumTo([3, 1])),
      one([2, 3], (x) => x.sumTo([])),
      one([2, 3], (x) => x.sumTo([2, 3])),
    ],
  },
  concat: {
    cases: [
      ...layouts.map((layout): OpCase => ({
        operands: [{ shape: [2, 3], layout }, { shape: [4, 3] }, { shape: [1, 3], layout }],
        run: (x) => concat(x, 0),
      })),
      {
        operands: [{ shape: [2, 3] }, { shape: [2, 0] }, { shape: [2, 5] }],
        run: (x) => concat(x, -1),
      },
      { operands: [{ shape: [2, 2, 2] }, { shape: [2, 3, 2] }], run: (x) => concat(x, 1) },
      {
        note: "pending operands",
        operands: [{ shape: [3, 2] }, { shape: [2] }],
        run: ([a, b]) => concat([a!.mul(b!), a!.exp(), b!.unsqueeze(0).neg()], 0),
      },
      {
        note: "mixed dtypes",
        operands: [
          { shape: [2], dtype: "bf16", fixed: true },
          { shape: [3], dtype: "i32", fixed: true },
        ],
        run: (x) => concat(x, 0),
      },
    ],
  },
  stack: {
    cases: [
      {
        operands: [{ shape: [2, 3] }, { shape: [2, 3], layout: "flipped" }],
        run: (x) => stack(x, 1),
      },
      { operands: [{ shape: [] }, { shape: [] }, { shape: [] }], run: (x) => stack(x) },
      { operands: [{ shape: [2, 3] }, { shape: [2, 3] }], run: (x) => stack(x, -1) },
    ],
  },
  gather: {
    cases: [
      ...layouts.map((layout): OpCase => ({
        operands: [{ shape: [3, 5], layout }, index([3, 4], 5)],
        run: ([x, i]) => x!.gather(1, i!),
      })),
      { operands: [{ shape: [6, 2] }, index([4, 2], 6, "u32")], run: ([x, i]) => x!.gather(0, i!) },
      { operands: [{ shape: [2, 3, 4] }, index([2, 7, 3], 3)], run: ([x, i]) => x!.gather(1, i!) },
      {
        operands: [{ shape: [3, 5] }, { ...index([3, 2], 5), layout: "transposed" }],
        run: ([x, i]) => x!.gather(1, i!),
      },
      { operands: [{ shape: [3, 5] }, index([0, 2], 5)], run: ([x, i]) => x!.gather(1, i!) },
      ...everyDType([3, 5], (x) => x.gather(1, x.cast("i32").mul(0).add(2).narrow(1, 0, 2))),
    ],
  },
  indexSelect: {
    cases: [
      { operands: [{ shape: [5, 3] }, index([7], 5)], run: ([x, i]) => x!.indexSelect(0, i!) },
      { operands: [{ shape: [2, 5, 3] }, index([4], 5)], run: ([x, i]) => x!.indexSelect(1, i!) },
      {
        operands: [{ shape: [5], layout: "stepped" }, index([2], 5)],
        run: ([x, i]) => x!.indexSelect(0, i!),
      },
    ],
  },
  embedding: {
    cases: [
      { operands: [{ shape: [7, 4] }, index([2, 5], 7)], run: ([x, i]) => embedding(x!, i!) },
      { operands: [{ shape: [7, 4] }, index([], 7)], run: ([x, i]) => embedding(x!, i!) },
      { operands: [{ shape: [50, 33] }, index([64], 50)], run: ([x, i]) => embedding(x!, i!) },
    ],
  },
  scatterAdd: {
    cases: [
      ...layouts.map((layout): OpCase => ({
        operands: [{ shape: [3, 5], layout }, index([3, 4], 5), { shape: [3, 4], layout }],
        run: ([base, i, x]) => scatterAdd(base!, 1, i!, x!),
      })),
      {
        note: "many on one place",
        operands: [{ shape: [2, 3] }, index([40, 3], 2), { shape: [40, 3] }],
        run: ([base, i, x]) => scatterAdd(base!, 0, i!, x!),
      },
      {
        operands: [
          { shape: [4], dtype: "i32", fixed: true },
          index([9], 4, "u32"),
          { shape: [9], dtype: "i32", fixed: true },
        ],
        run: ([base, i, x]) => scatterAdd(base!, 0, i!, x!),
      },
      {
        note: "nothing to add",
        operands: [{ shape: [3, 2] }, index([0, 2], 3), { shape: [0, 2] }],
        run: ([base, i, x]) => scatterAdd(base!, 0, i!, x!),
      },
    ],
  },
  countingSort: {
    order: 0,
    cases: [
      sorted([37], 5),
      sorted([1], 1),
      sorted([0], 4),
      sorted([500], 300),
      { ...sorted([20], 3), operands: [{ ...index([20], 3), layout: "flipped" }] },
    ],
  },
} as const satisfies Record<string, OpCases>;

function sorted(shape: readonly number[], bins: number): OpCase {
  return {
    note: `${bins} bins`,
    operands: [index(shape, bins)],
    run: ([keys]) => {
      const { order, offsets } = countingSort(keys!, bins);
      return [order, offsets];
    },
  };
}

function castCases(): OpCase[] {
  const all: readonly DType[] = ["f32", "i32", "u32", "bool", "f16", "bf16"];
  const edges = [
    0,
    -0,
    0.5,
    -0.5,
    1.5,
    2.5,
    -2.75,
    1e10,
    -1e10,
    NaN,
    Infinity,
    -Infinity,
    65520,
    3.1e-5,
  ];
  const special: readonly OpCase[] = all.map((to) => ({
    note: `edges to ${to}`,
    operands: [{ shape: [edges.length], values: { kind: "list", values: edges }, fixed: true }],
    run: ([x]) => x!.cast(to),
  }));
  const between = all.flatMap((from) =>
    all.map((to): OpCase => ({
      note: `to ${to}`,
      operands: [{ shape: [3, 7], dtype: from, fixed: from !== "f32" || to !== "f32" }],
      run: ([x]) => x!.cast(to),
    })),
  );
  return [one([3, 5], (x) => x.mul(2).cast("f32")), ...between, ...special];
}
