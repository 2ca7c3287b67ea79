import type { Tensor } from "../../tensor.ts";
import type { Operand } from "../elementwise.ts";

/** x limited to [low, high]; either may be left out. The gradient is 0 outside, 1 inside and at the edges. */
export function clamp(x: Tensor, low?: Operand, high?: Operand): Tensor {
  let y = x;
  if (low !== undefined) y = y.lt(low).where(low, y);
  if (high !== undefined) y = y.gt(high).where(high, y);
  return y === x ? x.alias() : y;
}
