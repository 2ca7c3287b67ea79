// Cases of the ops that put elements somewhere: padding, triangles, rolls, pieces, one-hot rows.

import {
  maskedFill,
  oneHot,
  pad,
  repeat,
  roll,
  scatter,
  split,
  tril,
  triu,
} from "@sixtyone/tensor";
import type { OpCase, OpCases } from "../op-case.ts";
import { layouts, type Operand } from "../operand.ts";

type Run = OpCase["run"];

const everyLayout = (shape: readonly number[], run: Run): OpCase[] =>
  layouts.map((layout) => ({ operands: [{ shape, layout }], run }));

const ids = (shape: readonly number[], values: readonly number[]): Operand => ({
  shape,
  dtype: "i32",
  values: { kind: "list", values },
  fixed: true,
});

export const placementCases = {
  pad: {
    cases: [
      ...everyLayout([3, 4], ([x]) =>
        pad(x!, [
          [1, 2],
          [0, 3],
        ]),
      ),
      {
        note: "with −1",
        operands: [{ shape: [2, 3] }],
        run: ([x]) =>
          pad(
            x!,
            [
              [1, 0],
              [2, 1],
            ],
            -1,
          ),
      },
      {
        note: "nothing to pad",
        operands: [{ shape: [0, 2] }],
        run: ([x]) =>
          pad(
            x!,
            [
              [2, 0],
              [0, 0],
            ],
            7,
          ),
      },
    ],
  },
  roll: {
    cases: [
      ...everyLayout([3, 4], ([x]) => roll(x!, 2, 1)),
      { note: "backwards", operands: [{ shape: [5, 2] }], run: ([x]) => roll(x!, -3) },
      { note: "all the way round", operands: [{ shape: [3] }], run: ([x]) => roll(x!, 9) },
    ],
  },
  repeat: {
    cases: [
      ...everyLayout([3, 4], ([x]) => repeat(x!, [2, 3])),
      { note: "a new axis", operands: [{ shape: [2, 3] }], run: ([x]) => repeat(x!, [2, 1, 2]) },
      { note: "no times", operands: [{ shape: [2, 3] }], run: ([x]) => repeat(x!, [0, 2]) },
      { note: "of a scalar", operands: [{ shape: [] }], run: ([x]) => repeat(x!, [4]) },
    ],
  },
  maskedFill: {
    cases: [
      ...layouts.map((layout): OpCase => ({
        operands: [
          { shape: [4, 5], layout },
          { shape: [4, 5], dtype: "bool", fixed: true },
        ],
        run: ([x, mask]) => maskedFill(x!, mask!, -2),
      })),
      {
        note: "a mask that is broadcast",
        operands: [{ shape: [2, 3, 4] }, { shape: [3, 1], dtype: "bool", fixed: true }],
        run: ([x, mask]) => maskedFill(x!, mask!, 7).square(),
      },
    ],
  },
  split: {
    cases: [
      ...everyLayout([7, 3], ([x]) => split(x!, 3)),
      { note: "sizes", operands: [{ shape: [2, 6] }], run: ([x]) => split(x!, [1, 0, 5], 1) },
    ],
  },
  tril: {
    cases: [
      ...everyLayout([4, 5], ([x]) => tril(x!)),
      { note: "above", operands: [{ shape: [2, 3, 3] }], run: ([x]) => tril(x!, 1) },
      { note: "below", operands: [{ shape: [4, 2] }], run: ([x]) => tril(x!, -2) },
    ],
  },
  triu: {
    cases: [
      ...everyLayout([4, 5], ([x]) => triu(x!)),
      { note: "above", operands: [{ shape: [2, 3, 3] }], run: ([x]) => triu(x!, 1) },
    ],
  },
  oneHot: {
    order: 0,
    cases: [
      { operands: [ids([5], [0, 3, 1])], run: ([x]) => oneHot(x!, 4) },
      { operands: [ids([], [2])], run: ([x]) => oneHot(x!, 3) },
      { note: "outside", operands: [ids([2, 2], [-1, 0, 9, 2])], run: ([x]) => oneHot(x!, 3) },
    ],
  },
  scatter: {
    cases: [
      ...layouts.map((layout): OpCase => ({
        operands: [
          { shape: [3, 5], layout },
          ids([3, 2], [4, 0, 1, 3, 2, 0]),
          { shape: [3, 2], layout },
        ],
        run: ([base, index, source]) => scatter(base!, 1, index!, source!),
      })),
      {
        note: "one place twice",
        operands: [{ shape: [4] }, ids([3], [1, 1, 3]), { shape: [3] }],
        run: ([base, index, source]) => scatter(base!, 0, index!, source!),
      },
    ],
  },
} as const satisfies Record<string, OpCases>;
