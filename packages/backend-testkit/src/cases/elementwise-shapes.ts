// The shapes, layouts and broadcast patterns that every elementwise op is tried on.

import type { Tensor } from "@sixtyone/tensor";
import type { OpCase, OpCases } from "../op-case.ts";
import type { Operand } from "../operand.ts";
import type { Values } from "../random-values.ts";

/** One shape for each thing that goes wrong: no axis, odd sizes, nothing at all, every layout, many. */
const unaryOperands: readonly Operand[] = [
  { shape: [3, 5] },
  { shape: [] },
  { shape: [1] },
  { shape: [0, 3] },
  { shape: [4, 3], layout: "transposed" },
  { shape: [2, 3, 4], layout: "flipped" },
  { shape: [3, 7], layout: "stepped" },
  { shape: [5, 2], layout: "window" },
  { shape: [4, 3], layout: "repeated" },
  { shape: [1, 1, 2, 1, 3] },
  { shape: [31, 67] },
];

/** The broadcast patterns: equal, row, column, scalar, missing axes, both stretched, empty. */
export const pairs: readonly (readonly [Operand, Operand])[] = [
  [{ shape: [3, 5] }, { shape: [3, 5] }],
  [{ shape: [] }, { shape: [] }],
  [{ shape: [3, 5] }, { shape: [5] }],
  [{ shape: [3, 1] }, { shape: [3, 5] }],
  [{ shape: [3, 1] }, { shape: [1, 5] }],
  [{ shape: [] }, { shape: [2, 3] }],
  [{ shape: [2, 1, 3] }, { shape: [4, 1] }],
  [{ shape: [0, 3] }, { shape: [1, 3] }],
  [{ shape: [4, 3], layout: "transposed" }, { shape: [4, 3] }],
  [
    { shape: [4, 3], layout: "flipped" },
    { shape: [4, 3], layout: "stepped" },
  ],
  [
    { shape: [4, 3], layout: "repeated" },
    { shape: [3], layout: "flipped" },
  ],
  [{ shape: [29, 71] }, { shape: [71] }],
];

export function unary(
  run: (x: Tensor) => Tensor,
  values?: Values,
  options: Omit<OpCases, "cases"> = {},
): OpCases {
  const cases = unaryOperands.map((operand) => ({
    operands: [{ ...operand, ...(values && { values }) }],
    run: ([x]: readonly Tensor[]) => run(x!),
  }));
  return { ...options, cases };
}

export function binary(
  run: (a: Tensor, b: Tensor | number) => Tensor,
  values: readonly [Values?, Values?] = [],
  options: Omit<OpCases, "cases"> & { readonly number?: number } = {},
): OpCases {
  const { number = 2, ...rest } = options;
  const fill = (operand: Operand, i: 0 | 1): Operand =>
    values[i] ? { ...operand, values: values[i] } : operand;
  const cases: OpCase[] = pairs.map(([a, b]) => ({
    operands: [fill(a, 0), fill(b, 1)],
    run: ([x, y]) => run(x!, y!),
  }));
  cases.push({
    note: `with the number ${number}`,
    operands: [fill({ shape: [3, 4] }, 0)],
    run: ([x]) => run(x!, number),
  });
  return { ...rest, cases };
}
