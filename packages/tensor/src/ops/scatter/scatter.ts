import type { Tensor } from "../../tensor.ts";
import { normalizeAxis } from "../../shape.ts";
import { scatterAdd } from "../scatter-add/scatter-add.ts";

/**
 * base with out[c with `axis` replaced by index[c]] = source[c] (torch.scatter, out of place). Where an index
 * repeats, the sources are averaged, so that the result does not depend on an order.
 */
export function scatter(base: Tensor, axis: number, index: Tensor, source: Tensor): Tensor {
  const a = normalizeAxis("scatter", axis, base.rank);
  const zeros = base.device.zeros(base.shape);
  const ones = base.device.zeros(source.shape).add(1);
  const count = scatterAdd(zeros, a, index, ones);
  const sum = scatterAdd(base.device.zeros(base.shape, source.dtype), a, index, source);
  return count.gt(0).where(sum.div(count.maximum(1)).cast(base.dtype), base);
}
