import { ShapeError } from "../../errors.ts";
import { contiguousStrides, formatShape, sameShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { concat } from "../concat/concat.ts";
import { countingSort } from "../counting-sort/counting-sort.ts";
import { floorDivide } from "../floor-divide/floor-divide.ts";
import { remainder } from "../remainder/remainder.ts";

/** The flat positions of what is not 0, i32 [count], in row-major order. One number is read back: the count. */
export async function nonzeroPositions(x: Tensor): Promise<Tensor> {
  const { device } = x;
  // 0 sorts before 1, so the positions sought come first; the sort is stable. No scope stays open while we
  // wait: it would own what others make meanwhile.
  const { order, offsets } = device.tidy(() => countingSort(x.reshape([-1]).eq(0).cast("i32"), 2));
  using _order = order;
  using ends = offsets;
  const [, count] = await ends.data();
  return device.tidy(() => order.narrow(0, 0, count!).clone());
}

/**
 * The coordinates of what is not 0 (NaN is not 0), i32 [count, rank], in row-major order (torch.nonzero).
 * A promise, because the result's shape depends on the values.
 */
export async function nonzero(x: Tensor): Promise<Tensor> {
  using positions = await nonzeroPositions(x);
  return x.device.tidy(() => {
    if (x.rank === 0) return positions.reshape([-1, 1]).narrow(1, 0, 0).clone();
    const columns = contiguousStrides(x.shape).map((stride, axis) =>
      remainder(floorDivide(positions, Math.max(1, stride)), Math.max(1, x.shape[axis]!)).unsqueeze(
        1,
      ),
    );
    return concat(columns, 1);
  });
}

/**
 * The elements of x where `mask` (x's shape) is not 0, [count], in row-major order (torch.masked_select).
 * Differentiable in x. A promise, because the result's shape depends on the values.
 */
export async function maskedSelect(x: Tensor, mask: Tensor): Promise<Tensor> {
  if (!sameShape(x.shape, mask.shape)) {
    throw new ShapeError(
      `maskedSelect: expected a mask of x's shape ${formatShape(x.shape)}, got ${formatShape(mask.shape)}. ` +
        `Expand it first: mask.expand(x.shape).`,
    );
  }
  using positions = await nonzeroPositions(mask);
  return x.reshape([-1]).gather(0, positions);
}
