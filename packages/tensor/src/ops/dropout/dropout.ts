import { ArgumentError } from "../../errors.ts";
import type { Generator } from "../../random/generator.ts";
import type { Tensor } from "../../tensor.ts";

/** Sets each element to 0 with probability p and scales the others by 1/(1 − p) (Srivastava et al. 2014). */
export function dropout(x: Tensor, p: number, generator: Generator): Tensor {
  if (!(p >= 0 && p <= 1)) throw new ArgumentError(`dropout: p must be in [0, 1], got ${p}.`);
  if (p === 0) return x.alias();
  if (p === 1) return x.mul(0);
  return generator.bernoulli(x.shape, 1 - p).where(x.mul(1 / (1 - p)), 0);
}
