import { isFloat } from "../../dtype.ts";
import { ArgumentError } from "../../errors.ts";
import type { Tensor } from "../../tensor.ts";
import { rootOrZero } from "../root-or-zero.ts";
import type { Axes, ReduceOptions } from "../reduction.ts";

export interface NormOptions extends ReduceOptions {
  /** The order: 2 (default), any other number, 0, Infinity or -Infinity. */
  readonly p?: number;
}

/**
 * (Σ |x|ᵖ)^(1/p) over `axes` (all by default): torch.linalg.vector_norm. Infinity is the largest
 * magnitude, -Infinity the smallest, 0 counts what is not 0 (without a gradient). Computed in f32,
 * given in x's dtype, or in f32 if x holds integers.
 */
export function norm(x: Tensor, axes?: Axes, { p = 2, keepDim = false }: NormOptions = {}): Tensor {
  if (Number.isNaN(p)) throw new ArgumentError("norm: p must be a number, got NaN.");
  return wideNorm(x.cast("f32"), axes, p, keepDim).cast(isFloat(x.dtype) ? x.dtype : "f32");
}

/** A sum of squares overflows f16 where its root does not. */
function wideNorm(x: Tensor, axes: Axes, p: number, keepDim: boolean): Tensor {
  if (p === Infinity) return x.abs().max(axes, { keepDim });
  if (p === -Infinity) return x.abs().min(axes, { keepDim });
  if (p === 0) return x.ne(0).cast("f32").sum(axes, { keepDim });
  if (p === 1) return x.abs().sum(axes, { keepDim });
  if (p === 2) return rootOrZero(x.square().sum(axes, { keepDim }));
  const sum = x.abs().pow(p).sum(axes, { keepDim });
  return p < 0 ? sum.pow(1 / p) : rootOrZero(sum, p);
}
