import type { Tensor } from "../../tensor.ts";

/** silu(gate) · up (Shazeer 2020): one fused expression. */
export function swiglu(gate: Tensor, up: Tensor): Tensor {
  return gate.silu().mul(up);
}
