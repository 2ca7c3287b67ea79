// Gradients of a case. The loss is a fixed random combination of the results, so every element counts.
// The second order takes a fixed random combination of the first gradients and differentiates again.

import { grad, tensor, type Device, type Tensor } from "@sixtyone/tensor";
import { isFloat } from "@sixtyone/tensor/backend";
import type { OpCase } from "./op-case.ts";
import { operandDType } from "./operand.ts";
import { randomSource, randomValues, seedFor } from "./random-values.ts";
import { applyCase, createLeaves } from "./run-case.ts";

/** Positions of the operands that have a gradient. */
export function differentiable({ operands }: OpCase): number[] {
  return operands.flatMap((operand, i) =>
    !operand.fixed && isFloat(operandDType(operand)) ? [i] : [],
  );
}

type Scalar = (...points: Tensor[]) => Tensor;

/** The loss as a function of the differentiable leaves, and those leaves. */
export interface Objective {
  readonly loss: Scalar;
  readonly points: Tensor[];
}

export function objective(device: Device, opCase: OpCase, order: 1 | 2, seed: number): Objective {
  const leaves = createLeaves(device, opCase.operands, seed);
  const positions = differentiable(opCase);
  const apply = (points: readonly Tensor[]): readonly Tensor[] => {
    const all = leaves.map((leaf, i) => points[positions.indexOf(i)] ?? leaf);
    return applyCase(opCase, all, device);
  };
  const points = positions.map((i) => leaves[i]!);
  // Only results that carry a gradient count: the entropy of linearLogProb, for one, is detached.
  const tracked = apply(points.map((x) => x.detach().requiresGrad_())).map((y) => y.requiresGrad);
  const first: Scalar = (...xs) => {
    const outputs = apply(xs).filter((_, i) => tracked[i]);
    return combine(device, outputs, seedFor(seed, "loss"));
  };
  if (order === 1) return { loss: first, points };
  const second: Scalar = (...xs) => combine(device, grad(first)(...xs), seedFor(seed, "slope"));
  return { loss: second, points };
}

/** Σ w · x over all tensors, w uniform on [0.5, 1.5): away from 0, so that no element hides. */
function combine(device: Device, tensors: readonly Tensor[], seed: number): Tensor {
  const random = randomSource(seed);
  let total: Tensor | undefined;
  for (const x of tensors) {
    const w = randomValues({ kind: "uniform", low: 0.5, high: 1.5 }, x.size, random);
    const weighted = x.mul(tensor(device, Float32Array.from(w), { shape: x.shape })).sum();
    total = total ? total.add(weighted) : weighted;
  }
  return total!;
}

/** The gradients as plain numbers, one list a point. */
export async function gradientValues(
  device: Device,
  opCase: OpCase,
  order: 1 | 2,
  seed: number,
): Promise<Float32Array[]> {
  using _scope = device.scope();
  const { loss, points } = objective(device, opCase, order, seed);
  const values: Float32Array[] = [];
  for (const gradient of grad(loss)(...points))
    values.push((await gradient.data()) as Float32Array);
  return values;
}

/** A power of two: x ± h is exact in the oracle's double precision. */
const h = 2 ** -9;

/**
 * The slope of the loss along `directions` by the four-point rule, whose error is O(h⁴). Run it on the
 * double-precision reference: in f32 the loss's rounding is as large as the difference.
 */
export async function finiteDifference(
  oracle: Device,
  opCase: OpCase,
  order: 1 | 2,
  seed: number,
  directions: readonly Float32Array[],
): Promise<number> {
  using _scope = oracle.scope();
  const { loss, points } = objective(oracle, opCase, order, seed);
  const steps = points.map((x, i) => tensor(oracle, directions[i]!, { shape: x.shape }));
  const at = (k: number) => loss(...points.map((x, i) => x.add(steps[i]!.mul(k * h))));
  const near = at(1).sub(at(-1)).mul(8);
  const far = at(2).sub(at(-2));
  return near
    .sub(far)
    .mul(1 / (12 * h))
    .item();
}

/** Directions of +1 and −1. */
export function randomDirections(sizes: readonly number[], seed: number): Float32Array[] {
  const random = randomSource(seed);
  return sizes.map((size) => Float32Array.from({ length: size }, () => (random() < 0.5 ? -1 : 1)));
}
