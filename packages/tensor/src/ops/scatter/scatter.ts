import { isFloat } from "../../dtype.ts";
import { DTypeError } from "../../errors.ts";
import { normalizeAxis } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { floorDivide } from "../floor-divide/floor-divide.ts";
import { scatterAdd } from "../scatter-add/scatter-add.ts";

/**
 * base with out[c with `axis` replaced by index[c]] = source[c] (torch.scatter, out of place). Where an index
 * repeats, the sources are averaged, so that the result does not depend on an order; the average of integers
 * is rounded down (their sum wraps around at 32 bits), of bools it is true where all are. Throws DTypeError
 * where base and source differ.
 */
export function scatter(base: Tensor, axis: number, index: Tensor, source: Tensor): Tensor {
  const a = normalizeAxis("scatter", axis, base.rank);
  const { dtype, shape, device } = base;
  if (source.dtype !== dtype) {
    throw new DTypeError(`scatter: base is ${dtype}, source is ${source.dtype}. Cast one of them.`);
  }
  // Integers are counted in their own type: exact, where a division in f32 keeps 24 bits.
  const counted = isFloat(dtype) ? "f32" : dtype === "u32" ? "u32" : "i32";
  const ones = device.zeros(source.shape, counted).add(1);
  const count = scatterAdd(device.zeros(shape, counted), a, index, ones);
  const sum = scatterAdd(device.zeros(shape, counted), a, index, source.cast(counted));
  const divisor = count.maximum(1);
  const average = isFloat(dtype) ? sum.div(divisor) : floorDivide(sum, divisor);
  return count.gt(0).where(average.cast(dtype), base).cast(dtype);
}
