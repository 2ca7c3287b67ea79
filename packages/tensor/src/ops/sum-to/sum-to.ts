import { sameShape, type Shape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";

/** Sums over the axes that broadcasting `shape` to x's shape repeated: the adjoint of `expand`. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.shape.length - shape.length;
  const axes = x.shape.flatMap((dim, axis) =>
    axis < lead || (shape[axis - lead] === 1 && dim !== 1) ? [axis] : [],
  );
  const summed = axes.length > 0 ? x.sum(axes, { keepDim: true }) : x;
  return summed.reshape(shape);
}
