import { ShapeError } from "../../errors.ts";
import { formatShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";

/** The matrices' part on and below the `diagonal`-th diagonal (0 the main one, above it positive); 0 elsewhere. */
export function tril(x: Tensor, diagonal: number = 0): Tensor {
  const { rows, columns } = coordinates("tril", x);
  return columns.sub(rows).le(diagonal).where(x, 0);
}

/** The part on and above the `diagonal`-th diagonal. */
export function triu(x: Tensor, diagonal: number = 0): Tensor {
  const { rows, columns } = coordinates("triu", x);
  return columns.sub(rows).ge(diagonal).where(x, 0);
}

function coordinates(op: string, x: Tensor): { rows: Tensor; columns: Tensor } {
  if (x.rank < 2) {
    throw new ShapeError(
      `${op}: expected a matrix or a batch of them, got ${formatShape(x.shape)}.`,
    );
  }
  const shape = x.shape.slice(-2);
  return { rows: x.device.iota(shape, -2), columns: x.device.iota(shape, -1) };
}
