import type { Tensor } from "../../tensor.ts";
import { concat } from "../concat/concat.ts";
import { cumsum } from "../cumsum/cumsum.ts";
import { nonzeroPositions } from "../nonzero/nonzero.ts";
import { scatterAdd } from "../scatter-add/scatter-add.ts";
import { sort } from "../sort/sort.ts";

export interface Unique {
  /** The different values, rising, [U]. */
  readonly values: Tensor;
  /** How often each occurs, i32 [U]. */
  readonly counts: Tensor;
  /** For each element of x its position in `values`, i32, x's shape. */
  readonly inverse: Tensor;
}

/**
 * The different values of a tensor with their counts (torch.unique). Each NaN counts as a value of its own.
 * A promise, because the result's shape depends on the values.
 */
export async function unique(x: Tensor): Promise<Unique> {
  const { device, size } = x;
  const rest = Math.max(0, size - 1);
  const { sorted, isNew, inverse } = device.tidy(() => {
    const { values: sorted, indices } = sort(x.reshape([-1]));
    // A value is new where it differs from the one before it; the first always is.
    const differs = sorted
      .narrow(0, size - rest, rest)
      .ne(sorted.narrow(0, 0, rest))
      .cast("i32");
    const isNew = concat([device.zeros([size - rest], "i32").add(1), differs], 0);
    const rank = cumsum(isNew, 0).sub(1);
    const inverse = scatterAdd(device.zeros([size], "i32"), 0, indices, rank).reshape(x.shape);
    return { sorted, isNew, inverse };
  });
  using _sorted = sorted;
  using _isNew = isNew;
  using starts = await nonzeroPositions(isNew);
  return device.tidy(() => {
    const count = starts.size;
    const next = starts.narrow(0, Math.min(1, count), Math.max(0, count - 1));
    const ends = concat([next, device.zeros([Math.min(1, count)], "i32").add(size)], 0);
    return { values: sorted.gather(0, starts), counts: ends.sub(starts), inverse };
  });
}
