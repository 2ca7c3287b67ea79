import { ArgumentError } from "../../errors.ts";
import { normalizeAxis } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { concat } from "../concat/concat.ts";

/** Shifts elements along an axis; what falls off one end comes back at the other. */
export function roll(x: Tensor, shift: number, axis: number = 0): Tensor {
  const a = normalizeAxis("roll", axis, x.rank);
  const size = x.shape[a]!;
  if (!Number.isInteger(shift)) {
    throw new ArgumentError(`roll: the shift is a whole number, got ${shift}.`);
  }
  const by = size === 0 ? 0 : ((shift % size) + size) % size;
  if (by === 0) return x.alias();
  return concat([x.narrow(a, size - by, by), x.narrow(a, 0, size - by)], a);
}
