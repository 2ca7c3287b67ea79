import { isFloat } from "../../dtype.ts";
import { normalizeAxes } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import type { Axes, ReduceOptions } from "../reduction.ts";

/** The mean over `axes` (all by default), as a float. Of nothing: NaN. */
export function mean(x: Tensor, axes?: Axes, options?: ReduceOptions): Tensor {
  const list = normalizeAxes("mean", axes, x.shape.length);
  const count = list.reduce((product, axis) => product * x.shape[axis]!, 1);
  const floats = isFloat(x.dtype) ? x : x.cast("f32");
  return floats.sum(list, options).mul(1 / count);
}
