// The gradient of minimum and maximum: all of it goes to the operand that was taken, half where both
// are equal, as in PyTorch.

import type { Tensor } from "../tensor.ts";
import type { Operand } from "./elementwise.ts";

/** dy's share for operand `a`, where `y` is what was taken of `a` and `b`. */
export function tieGradient(a: Operand, b: Operand, y: Tensor, dy: Tensor): Tensor | null {
  if (typeof a === "number") return null;
  const taken = y.eq(a).cast("f32");
  return dy.mul(taken).mul(a.eq(b).cast("f32").mul(-0.5).add(1));
}
