import type { Tensor } from "../../tensor.ts";

/** (eˣ + e⁻ˣ) / 2. */
export function cosh(x: Tensor): Tensor {
  // Halves of the exponent, squared: overflows only where cosh does.
  const [rising, falling] = [x.mul(0.5).exp(), x.mul(-0.5).exp()];
  return rising.mul(0.5).mul(rising).add(falling.mul(0.5).mul(falling));
}
