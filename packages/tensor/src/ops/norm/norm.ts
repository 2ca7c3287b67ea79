import { isFloat } from "../../dtype.ts";
import { ArgumentError } from "../../errors.ts";
import type { Tensor } from "../../tensor.ts";
import { rootOrZero } from "../root-or-zero.ts";
import type { Axes, ReduceOptions } from "../reduction.ts";

export interface NormOptions extends ReduceOptions {
  /** The order: 1, 2 (default), any number above 0, or Infinity. */
  readonly p?: number;
}

/**
 * (Σ |x|ᵖ)^(1/p) over `axes` (all by default): torch.linalg.vector_norm. Computed in f32, given in x's dtype, or
 * in f32 if x holds integers.
 */
export function norm(x: Tensor, axes?: Axes, { p = 2, keepDim = false }: NormOptions = {}): Tensor {
  if (!(p > 0)) throw new ArgumentError(`norm: p must be above 0, got ${p}.`);
  return wideNorm(x.cast("f32"), axes, p, keepDim).cast(isFloat(x.dtype) ? x.dtype : "f32");
}

/** A sum of squares overflows f16 where its root does not. */
function wideNorm(x: Tensor, axes: Axes, p: number, keepDim: boolean): Tensor {
  if (p === Infinity) return x.abs().max(axes, { keepDim });
  if (p === 1) return x.abs().sum(axes, { keepDim });
  if (p === 2) return rootOrZero(x.square().sum(axes, { keepDim }));
  return rootOrZero(x.abs().pow(p).sum(axes, { keepDim }), p);
}
