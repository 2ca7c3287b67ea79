// Cases of the reductions that are made of others: norms, variance, counts, logic.

import { all, any, bincount, histogram, norm, std, variance, type Tensor } from "@sixtyone/tensor";
import type { OpCase, OpCases } from "../op-case.ts";
import type { Operand } from "../operand.ts";
import type { Values } from "../random-values.ts";

type Axes = number | readonly number[] | undefined;

const axesCases: readonly (readonly [Operand, Axes])[] = [
  [{ shape: [3, 5] }, 1],
  [{ shape: [3, 5] }, undefined],
  [{ shape: [2, 3, 4] }, [0, 2]],
  [{ shape: [5, 4], layout: "transposed" }, 0],
  [{ shape: [4, 5], layout: "flipped" }, -1],
  [{ shape: [4, 5], layout: "stepped" }, 1],
  [{ shape: [3, 131] }, 1],
];

function over(run: (x: Tensor, axes: Axes) => Tensor, more: Partial<Operand> = {}): OpCase[] {
  return axesCases.map(([operand, axes]) => ({
    note: `axes ${axes === undefined ? "all" : JSON.stringify(axes)}`,
    operands: [{ ...operand, ...more }],
    run: ([x]) => run(x!, axes),
  }));
}

const distinct: Values = { kind: "distinct", step: 0.25 };
/** Mostly ones, so that both answers of `all` come up; mostly zeros for `any`. */
const mostlyOne: Values = { kind: "list", values: [1, 1, 1, 1, 1, 1, 1, 0] };
const mostlyZero: Values = { kind: "list", values: [0, 0, 0, 0, 0, 0, 0, 1] };
const keys = (shape: readonly number[], high: number): Operand => ({
  shape,
  dtype: "i32",
  values: { kind: "integers", low: 0, high: high - 1 },
  fixed: true,
});

export const statisticsCases = {
  any: {
    order: 0,
    cases: [
      ...over((x, axes) => any(x, axes), { values: mostlyZero }),
      { note: "of nothing", operands: [{ shape: [2, 0] }], run: ([x]) => any(x!, 1) },
    ],
  },
  all: {
    order: 0,
    cases: [
      ...over((x, axes) => all(x, axes), { values: mostlyOne }),
      { note: "of nothing", operands: [{ shape: [2, 0] }], run: ([x]) => all(x!, 1) },
    ],
  },
  norm: {
    cases: [
      ...over((x, axes) => norm(x, axes)),
      ...over((x, axes) => norm(x, axes, { p: 1 }), { values: distinct }),
      ...over((x, axes) => norm(x, axes, { p: 3, keepDim: true }), { values: distinct }),
      // Moved to one side of 0: the largest magnitude is one element, and far from the next.
      ...over((x, axes) => norm(x.add(1000), axes, { p: Infinity }), { values: distinct }),
      ...over((x, axes) => norm(x.add(1000), axes, { p: -Infinity }), { values: distinct }),
      ...over((x, axes) => norm(x.add(1000), axes, { p: -2 }), { values: distinct }),
    ],
  },
  variance: {
    cases: [
      ...over((x, axes) => variance(x, axes)),
      ...over((x, axes) => variance(x, axes, { correction: 0, keepDim: true })),
      {
        note: "of one element",
        operands: [{ shape: [3, 1], fixed: true }],
        run: ([x]) => variance(x!, 1),
      },
    ],
  },
  std: { cases: over((x, axes) => std(x, axes)) },
  bincount: {
    order: 0,
    cases: [
      { operands: [keys([30], 7)], run: ([x]) => bincount(x!, 7) },
      { operands: [keys([4, 6], 3)], run: ([x]) => bincount(x!, 9) },
      { operands: [keys([0], 3)], run: ([x]) => bincount(x!, 3) },
    ],
  },
  histogram: {
    order: 0,
    cases: [
      { operands: [{ shape: [50], values: distinct }], run: ([x]) => histogram(x!, 5, -4, 4) },
      {
        note: "edges, NaN and what lies outside",
        operands: [
          {
            shape: [8],
            values: { kind: "list", values: [0, 1, 0.5, NaN, -0.1, 1.1, Infinity, 0.25] },
            fixed: true,
          },
        ],
        run: ([x]) => histogram(x!, 4, 0, 1),
      },
    ],
  },
} as const satisfies Record<string, OpCases>;
