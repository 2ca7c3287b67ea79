import type { Tensor } from "../../tensor.ts";

/** f32 [..., classes]: 1 at each index of `indices` [...], 0 elsewhere. An index outside gives a row of 0. */
export function oneHot(indices: Tensor, classes: number): Tensor {
  const columns = indices.device.iota([classes], -1);
  return indices.unsqueeze(-1).eq(columns).cast("f32");
}
