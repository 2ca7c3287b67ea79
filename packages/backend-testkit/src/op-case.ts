// A case of an op: operands as data and the call. Suites decide what is done with it: forward, gradient,
// determinism, support, perf.

import type { Device, Tensor } from "@sixtyone/tensor";
import type { Operand } from "./operand.ts";
import { describeOperand } from "./operand.ts";

export interface OpCase {
  /** What is special about it; shapes and layouts are said anyway. */
  readonly note?: string;
  readonly operands: readonly Operand[];
  readonly run: (x: readonly Tensor[], device: Device) => Tensor | readonly Tensor[];
}

export interface OpCases {
  /** The first is the plain one: SUPPORT.md and the perf table are made from it. */
  readonly cases: readonly OpCase[];
  /** The highest order of gradient that is checked. Default 2. */
  readonly order?: 0 | 1 | 2;
}

export function describeCase({ note, operands }: OpCase): string {
  const shapes = operands.map(describeOperand).join(", ");
  return note === undefined ? shapes : `${note}: ${shapes}`;
}

export function asList(result: Tensor | readonly Tensor[]): readonly Tensor[] {
  return Array.isArray(result) ? (result as readonly Tensor[]) : [result as Tensor];
}
