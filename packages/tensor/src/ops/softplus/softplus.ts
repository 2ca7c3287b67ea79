import type { Tensor } from "../../tensor.ts";
import { log1p } from "../log1p/log1p.ts";

/** log(1 + eˣ), computed as max(x, 0) + log1p(e^−|x|): nothing overflows, and what is small keeps its digits. */
export function softplus(x: Tensor): Tensor {
  return x.maximum(0).add(log1p(x.abs().neg().exp()));
}
