import type { Tensor } from "../../tensor.ts";

/** `value` where `mask` (bool, broadcast to x) is true, x elsewhere. */
export function maskedFill(x: Tensor, mask: Tensor, value: number): Tensor {
  return mask.where(value, x);
}
