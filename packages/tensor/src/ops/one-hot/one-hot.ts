import { isFloat } from "../../dtype.ts";
import { DTypeError } from "../../errors.ts";
import { assertShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";

/** f32 [..., classes]: 1 at each index of `indices` [...], 0 elsewhere. An index outside gives a row of 0. */
export function oneHot(indices: Tensor, classes: number): Tensor {
  if (isFloat(indices.dtype)) {
    throw new DTypeError(`oneHot: an index is i32 or u32, got ${indices.dtype}. Cast it first.`);
  }
  assertShape("oneHot", [classes]);
  const columns = indices.device.iota([classes], -1);
  return indices.unsqueeze(-1).eq(columns).cast("f32");
}
