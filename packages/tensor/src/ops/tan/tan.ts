import type { Tensor } from "../../tensor.ts";

/** sin x / cos x. */
export function tan(x: Tensor): Tensor {
  return x.sin().div(x.cos());
}
