import { ShapeError } from "../../errors.ts";
import { normalizeAxis } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { defineView } from "../view.ts";

const permuteView = /* @__PURE__ */ defineView({
  name: "permute",
  shape: (x, { order }: { order: readonly number[] }) => order.map((axis) => x.shape[axis]!),
  strides: (view, { order }) => ({
    strides: order.map((axis) => view.strides[axis]!),
    offset: view.offset,
  }),
  grad: (dy, { order }) => dy.permute(order.map((_, axis) => order.indexOf(axis))),
});

/** Reorders the axes: result axis i is `order[i]`. */
export function permute(x: Tensor, order: readonly number[]): Tensor {
  const rank = x.shape.length;
  const axes = order.map((axis) => normalizeAxis("permute", axis, rank));
  if (axes.length !== rank || new Set(axes).size !== rank) {
    throw new ShapeError(
      `permute: expected each of the ${rank} axes once, got [${order.join(", ")}].`,
    );
  }
  return permuteView(x, { order: axes });
}

/** Swaps two axes; by default the last two (the matrix transpose). */
export function transpose(x: Tensor, a: number = -2, b: number = -1): Tensor {
  const order = x.shape.map((_, axis) => axis);
  const [i, j] = [
    normalizeAxis("transpose", a, order.length),
    normalizeAxis("transpose", b, order.length),
  ];
  [order[i], order[j]] = [j, i];
  return permuteView(x, { order });
}
