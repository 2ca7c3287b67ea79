import type { Tensor } from "../../tensor.ts";
import { expm1 } from "../expm1/expm1.ts";

/** (eˣ − e⁻ˣ) / 2, without cancellation near 0. */
export function sinh(x: Tensor): Tensor {
  const e = expm1(x.clamp(-1, 1));
  const small = e.add(e.div(e.add(1))).mul(0.5);
  // Halves of the exponent, squared: overflows only where sinh does.
  const [rising, falling] = [x.mul(0.5).exp(), x.mul(-0.5).exp()];
  const large = rising.mul(0.5).mul(rising).sub(falling.mul(0.5).mul(falling));
  return x.abs().gt(1).where(large, small);
}
