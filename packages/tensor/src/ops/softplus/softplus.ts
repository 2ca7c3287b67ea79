import type { Tensor } from "../../tensor.ts";

/** log(1 + eˣ), computed as max(x, 0) + log(1 + e^−|x|) so that nothing overflows. */
export function softplus(x: Tensor): Tensor {
  return x.maximum(0).add(x.abs().neg().exp().add(1).log());
}
