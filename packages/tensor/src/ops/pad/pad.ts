import { ArgumentError } from "../../errors.ts";
import type { Tensor } from "../../tensor.ts";
import { embedSlice } from "../embed-slice/embed-slice.ts";

/** Adds `[before, after]` elements of `value` around each axis (one pair an axis, from the first on). */
export function pad(
  x: Tensor,
  widths: readonly (readonly [number, number])[],
  value: number = 0,
): Tensor {
  const bad = widths.flat().some((w) => !Number.isInteger(w) || w < 0);
  if (widths.length !== x.rank || bad) {
    throw new ArgumentError(
      `pad: expected ${x.rank} pairs [before, after] of integers ≥ 0, got ${JSON.stringify(widths)}.`,
    );
  }
  const shape = x.shape.map((dim, axis) => dim + widths[axis]![0] + widths[axis]![1]);
  const ranges = x.shape.map((dim, axis) => ({ start: widths[axis]![0], count: dim, step: 1 }));
  const padded = embedSlice(x, ranges, shape);
  if (value === 0) return padded;
  const inside = embedSlice(x.device.zeros(x.shape).add(1), ranges, shape);
  return inside.gt(0).where(padded, value);
}
