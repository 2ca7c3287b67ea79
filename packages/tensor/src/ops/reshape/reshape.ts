import { ShapeError } from "../../errors.ts";
import { formatShape, reshapeStrides, sameShape, sizeOf, type Shape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { contiguous } from "../contiguous/contiguous.ts";
import { defineView } from "../view.ts";

const reshapeView = /* @__PURE__ */ defineView({
  name: "reshape",
  shape: (_, { shape }: { shape: Shape }) => shape,
  strides: (view, _, shape) => ({
    strides: reshapeStrides(view.shape, view.strides, shape)!,
    offset: view.offset,
  }),
  grad: (dy, _, shape) => dy.reshape(shape),
});

/** The same elements in another shape; one dimension may be −1. Copies only where strides force it. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const target = resolve(x, shape);
  if (sameShape(target, x.shape)) return x.alias();
  const view = x.lazy.view();
  const fits = reshapeStrides(view.shape, view.strides, target) !== undefined;
  return reshapeView(fits ? x : contiguous(x), { shape: target });
}

function resolve(x: Tensor, shape: Shape): Shape {
  const known = shape.reduce((product, dim) => (dim === -1 ? product : product * dim), 1);
  const free = shape.filter((dim) => dim === -1).length;
  const inferred = known === 0 ? 0 : x.size / known;
  const target = free === 1 ? shape.map((dim) => (dim === -1 ? inferred : dim)) : shape;
  const valid = free <= 1 && target.every((dim) => Number.isInteger(dim) && dim >= 0);
  if (!valid || sizeOf(target) !== x.size) {
    throw new ShapeError(
      `reshape: ${formatShape(x.shape)} has ${x.size} elements, ${formatShape(shape)} does not. ` +
        `Use dimensions whose product is ${x.size}; one of them may be -1.`,
    );
  }
  return target;
}
