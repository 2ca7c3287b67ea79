// Cases of the ops that choose: where and clamp.

import type { OpCase, OpCases } from "../op-case.ts";
import type { Operand } from "../operand.ts";

const distinct = { kind: "distinct", step: 0.25 } as const;
const condition = (shape: readonly number[]): Operand => ({ shape, dtype: "bool", fixed: true });

const choose = (c: Operand, a: Operand, b: Operand): OpCase => ({
  operands: [c, a, b],
  run: ([x, y, z]) => x!.where(y!, z!),
});

export const whereCases = {
  where: {
    cases: [
      choose(condition([3, 5]), { shape: [3, 5] }, { shape: [3, 5] }),
      choose(condition([3, 1]), { shape: [5] }, { shape: [] }),
      choose(condition([]), { shape: [2, 2] }, { shape: [2, 2], layout: "flipped" }),
      choose({ ...condition([4, 3]), layout: "transposed" }, { shape: [3] }, { shape: [4, 1] }),
      choose(condition([0, 3]), { shape: [3] }, { shape: [1, 3] }),
      choose(
        condition([6]),
        { shape: [6], dtype: "i32", fixed: true },
        { shape: [6], dtype: "u32", fixed: true },
      ),
      {
        operands: [condition([6]), { shape: [6] }],
        run: ([c, x]) => c!.where(x!, -Infinity).exp(),
      },
      { operands: [condition([6])], run: ([c]) => c!.where(1.5, 2) },
      {
        note: "a float condition, NaN is true",
        operands: [
          { shape: [4], values: { kind: "list", values: [0, -0, NaN, 0.5] }, fixed: true },
          { shape: [4] },
        ],
        run: ([c, x]) => c!.where(x!, 0),
      },
    ],
  },
  clamp: {
    cases: [
      { operands: [{ shape: [4, 9], values: distinct }], run: ([x]) => x!.clamp(-1, 2) },
      {
        operands: [{ shape: [9], values: distinct, layout: "stepped" }],
        run: ([x]) => x!.clamp(0),
      },
      { operands: [{ shape: [9], values: distinct }], run: ([x]) => x!.clamp(undefined, 0) },
      {
        operands: [
          { shape: [3, 4], values: distinct },
          { shape: [4], values: { kind: "distinct", step: 0.3 } },
        ],
        run: ([x, low]) => x!.clamp(low!, 1.3),
      },
      {
        note: "NaN stays",
        operands: [
          { shape: [3], values: { kind: "list", values: [NaN, -Infinity, Infinity] }, fixed: true },
        ],
        run: ([x]) => x!.clamp(-1, 1),
      },
    ],
  },
} as const satisfies Record<string, OpCases>;
