import { isFloat } from "../../dtype.ts";
import { normalizeAxes } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { rootOrZero } from "../root-or-zero.ts";
import type { Axes, ReduceOptions } from "../reduction.ts";

export interface VarianceOptions extends ReduceOptions {
  /** The divisor is the count less this. Default 1 (Bessel), as in PyTorch. */
  readonly correction?: number;
}

/** Σ (x − mean)² / (n − correction) over `axes` (all by default). NaN where n ≤ correction. */
export function variance(
  x: Tensor,
  axes?: Axes,
  { correction = 1, keepDim = false }: VarianceOptions = {},
): Tensor {
  return wideVariance("variance", x, axes, correction, keepDim).cast(
    isFloat(x.dtype) ? x.dtype : "f32",
  );
}

/** In f32: a mean rounded to bf16 would shift every element. */
function wideVariance(
  op: string,
  x: Tensor,
  axes: Axes | undefined,
  correction: number,
  keepDim: boolean,
): Tensor {
  const list = normalizeAxes(op, axes, x.rank);
  const count = list.reduce((product, axis) => product * x.shape[axis]!, 1);
  const wide = x.cast("f32");
  const centered = wide.sub(wide.mean(list, { keepDim: true }));
  // 0 / 0 and not a negative divisor where there is too little.
  return centered
    .square()
    .sum(list, { keepDim })
    .div(Math.max(count - correction, 0));
}

/** √variance; its gradient is 0 where all elements are equal. */
export function std(
  x: Tensor,
  axes?: Axes,
  { correction = 1, keepDim = false }: VarianceOptions = {},
): Tensor {
  return rootOrZero(wideVariance("std", x, axes, correction, keepDim)).cast(
    isFloat(x.dtype) ? x.dtype : "f32",
  );
}
