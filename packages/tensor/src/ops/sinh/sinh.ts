import type { Tensor } from "../../tensor.ts";
import { expm1 } from "../expm1/expm1.ts";

/** (eˣ − e⁻ˣ) / 2, without cancellation near 0. */
export function sinh(x: Tensor): Tensor {
  const e = expm1(x.abs());
  // e/(e + 1) is e where e overflows: both halves of the sum stay finite as long as the result is.
  const magnitude = e.add(e.div(e.add(1))).mul(0.5);
  const large = x.abs().gt(20).where(x.abs().sub(Math.LN2).exp(), magnitude);
  return large.mul(x.sign());
}
