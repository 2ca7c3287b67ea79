// Square f32 matrix products, in the three layouts that a layer's forward and backward passes use.

import type { Layout } from "../engine.ts";
import type { CaseOfSuite } from "../measure.ts";

const sizes = [64, 128, 256, 512, 1024];

const product = (size: number, layout: Layout): CaseOfSuite => ({
  name: `${layout} ${size}`,
  work: { kind: "gemm", size, layout },
  value: (ms) => (2 * size ** 3) / ms / 1e6,
  unit: "GFLOP/s",
});

/** What a training step is held against: the speed of the product that it mostly consists of. */
export const productCeiling: CaseOfSuite = product(512, "A·B");

export function gemm(): CaseOfSuite[] {
  return [...sizes.map((size) => product(size, "A·B")), product(512, "A·Bᵀ"), product(512, "Aᵀ·B")];
}
