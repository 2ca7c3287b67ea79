import { isFloat } from "../../dtype.ts";
import { normalizeAxes } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import type { Axes, ReduceOptions } from "../reduction.ts";

/** The mean over `axes` (all by default), as a float. Of nothing: NaN. Sums in f32, whatever the dtype. */
export function mean(x: Tensor, axes?: Axes, options?: ReduceOptions): Tensor {
  const list = normalizeAxes("mean", axes, x.shape.length);
  const count = list.reduce((product, axis) => product * x.shape[axis]!, 1);
  return x
    .cast("f32")
    .sum(list, options)
    .mul(1 / count)
    .cast(isFloat(x.dtype) ? x.dtype : "f32");
}
