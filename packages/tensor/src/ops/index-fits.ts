import type { Tensor } from "../tensor.ts";

/** Whether an index tensor addresses x along `axis`: same rank, and at most as large on every other axis. */
export function indexFits(x: Tensor, index: Tensor, axis: number): boolean {
  return x.rank === index.rank && index.shape.every((dim, i) => i === axis || dim <= x.shape[i]!);
}
