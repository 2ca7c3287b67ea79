// A case of an op: operands as data and the call. Suites decide what is done with it: forward, gradient,
// determinism, support, perf.

import type { Device, Tensor } from "@sixtyone/tensor";
import type { Operand } from "./operand.ts";
import { describeOperand } from "./operand.ts";

/** Relative to the larger of 1 and the value; the storage dtype's own rounding is always allowed. */
export interface CaseTolerance {
  readonly forward: number;
  readonly grad: number;
}

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
  /** Default 2e-6 forward, 2e-5 gradient: a handful of correctly rounded f32 operations. */
  readonly tolerance?: CaseTolerance;
}

export const defaultTolerance: CaseTolerance = { forward: 2e-6, grad: 2e-5 };

/** Sums of products: the error grows with the number of terms. */
export const sumTolerance: CaseTolerance = { forward: 1e-5, grad: 1e-4 };

export function describeCase({ note, operands }: OpCase): string {
  const shapes = operands.map(describeOperand).join(", ");
  return note === undefined ? shapes : `${note}: ${shapes}`;
}

export function asList(result: Tensor | readonly Tensor[]): readonly Tensor[] {
  return Array.isArray(result) ? (result as readonly Tensor[]) : [result as Tensor];
}
