import type { Tensor } from "../../tensor.ts";
import { atan2 } from "../atan2/atan2.ts";

/** The angle in [−π/2, π/2] whose sine is x; NaN outside [−1, 1]. */
export function asin(x: Tensor): Tensor {
  return atan2(x, cosineOf(x));
}

/** The angle in [0, π] whose cosine is x; NaN outside [−1, 1]. */
export function acos(x: Tensor): Tensor {
  return atan2(cosineOf(x), x);
}

/** √(1 − x²) as √((1 − x)(1 + x)), which keeps its digits near ±1. */
function cosineOf(x: Tensor): Tensor {
  return x.neg().add(1).mul(x.add(1)).sqrt();
}
