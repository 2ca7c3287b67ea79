import type { Tensor } from "../../tensor.ts";

/** (eˣ + e⁻ˣ) / 2. */
export function cosh(x: Tensor): Tensor {
  const shifted = x.abs().sub(Math.LN2); // halved inside the exponent: overflows only where cosh does
  return shifted.exp().add(x.abs().neg().exp().mul(0.5));
}
