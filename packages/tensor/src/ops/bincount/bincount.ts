import { ArgumentError } from "../../errors.ts";
import type { Tensor } from "../../tensor.ts";
import { countingSortFor } from "../counting-sort/counting-sort.ts";

/** How often each of 0..bins−1 occurs in `keys` (i32, any shape), i32 [bins]. */
export function bincount(keys: Tensor, bins: number): Tensor {
  const { offsets } = countingSortFor("bincount", keys.reshape([-1]), bins);
  return offsets.narrow(0, 1, bins).sub(offsets.narrow(0, 0, bins));
}

/**
 * How many elements fall into each of `bins` equal parts of [low, high], i32 [bins]. The last part includes
 * `high`; what lies outside (and NaN) is not counted. torch.histc.
 */
export function histogram(x: Tensor, bins: number, low: number, high: number): Tensor {
  if (!(Number.isInteger(bins) && bins > 0 && low < high)) {
    throw new ArgumentError(
      `histogram: expected a whole number of bins above 0 and low < high, got ${bins} from ${low} to ${high}.`,
    );
  }
  const flat = x.reshape([-1]);
  const part = flat
    .sub(low)
    .mul(bins / (high - low))
    .floor()
    .minimum(bins - 1);
  const inside = flat.ge(low).logicalAnd(flat.le(high));
  // One more bin takes what lies outside.
  return bincount(inside.where(part, bins).cast("i32"), bins + 1).narrow(0, 0, bins);
}
