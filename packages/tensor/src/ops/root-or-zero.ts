// √x whose slope at 0 is 0 and not infinite: what norms and deviations need, where the gradient of the
// sum of squares is 0 too and 0 · ∞ would be NaN. PyTorch's norm and std do the same.

import type { Tensor } from "../tensor.ts";

/** x^(1/p) for x ≥ 0, with a gradient of 0 where x is 0. */
export function rootOrZero(x: Tensor, p: number = 2): Tensor {
  const isZero = x.eq(0);
  // The inner choice keeps the infinite slope out of the graph, the outer one gives the value back.
  const positive = isZero.where(1, x);
  return isZero.where(0, p === 2 ? positive.sqrt() : positive.pow(1 / p));
}
