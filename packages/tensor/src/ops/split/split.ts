import { ArgumentError } from "../../errors.ts";
import { normalizeAxis } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";

/** Cuts an axis into pieces of the given sizes, or into pieces of one size (the last may be smaller). Views. */
export function split(x: Tensor, sizes: number | readonly number[], axis: number = 0): Tensor[] {
  const a = normalizeAxis("split", axis, x.rank);
  const length = x.shape[a]!;
  if (typeof sizes === "number" && !(Number.isInteger(sizes) && sizes > 0)) {
    throw new ArgumentError(`split: a piece has a whole size above 0, got ${sizes}.`);
  }
  const list =
    typeof sizes === "number"
      ? Array.from({ length: Math.ceil(length / sizes) }, (_, i) =>
          Math.min(sizes, length - i * sizes),
        )
      : sizes;
  if (
    list.reduce((sum, size) => sum + size, 0) !== length ||
    list.some((size) => !(Number.isInteger(size) && size >= 0))
  ) {
    throw new ArgumentError(
      `split: sizes ${JSON.stringify(sizes)} do not add up to axis ${a} of size ${length}.`,
    );
  }
  let start = 0;
  return list.map((size) => {
    start += size;
    return x.narrow(a, start - size, size);
  });
}
