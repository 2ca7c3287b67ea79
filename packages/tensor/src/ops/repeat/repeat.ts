import { ArgumentError } from "../../errors.ts";
import type { Tensor } from "../../tensor.ts";

/**
 * The tensor laid side by side: `counts[i]` times along axis i, aligned from the right; new axes come in front
 * (torch.Tensor.repeat, numpy.tile).
 */
export function repeat(x: Tensor, counts: readonly number[]): Tensor {
  if (counts.length < x.rank || counts.some((count) => !Number.isInteger(count) || count < 0)) {
    throw new ArgumentError(
      `repeat: expected at least ${x.rank} counts, integers ≥ 0, got ${JSON.stringify(counts)}.`,
    );
  }
  const shape = [...Array<number>(counts.length - x.rank).fill(1), ...x.shape];
  const split = x.reshape(shape.flatMap((dim) => [1, dim]));
  const repeated = split.expand(shape.flatMap((dim, i) => [counts[i]!, dim]));
  return repeated.reshape(shape.map((dim, i) => dim * counts[i]!));
}
