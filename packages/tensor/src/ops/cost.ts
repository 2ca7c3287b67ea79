// What an op costs and how exact it is: the two numbers of a definition that are not about its result. The speed
// table and the profiler divide by the first, the conformance suite compares within the second.

import { bytesPerElement, type DType } from "../dtype.ts";
import { sizeOf, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Arithmetic and memory traffic of the best way there is, whatever a backend does. A multiply-add counts two, an
 * elementwise function one however many instructions it takes, a comparison none.
 */
export interface Cost {
  readonly flops: number;
  readonly bytes: number;
}

export interface ResultType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Every operand read once and the result written once, with `flops` operations and `more` bytes beyond that. */
export function traffic(
  inputs: readonly Tensor[],
  out: ResultType,
  flops: number = 0,
  more: number = 0,
): Cost {
  const read = inputs.reduce((sum, { size, dtype }) => sum + size * bytesPerElement(dtype), more);
  return { flops, bytes: read + sizeOf(out.shape) * bytesPerElement(out.dtype) };
}

/** Nothing runs: another window on the same memory. */
export const free: Cost = { flops: 0, bytes: 0 };

/** How far two correct backends may differ in f32, relative to the larger of 1 and the value. */
export interface Tolerance {
  readonly forward: number;
  readonly grad: number;
}

/** Values are moved, not computed; gradients that meet are added up. */
export const moved: Tolerance = { forward: 0, grad: 2e-5 };

/** A handful of correctly rounded operations. */
export const rounded: Tolerance = { forward: 2e-6, grad: 2e-5 };

/** Sums of products, in whatever order: the error grows with the number of terms. */
export const summed: Tolerance = { forward: 1e-5, grad: 1e-4 };
