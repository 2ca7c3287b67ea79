import { broadcastStrides, sameShape, type Shape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { defineView } from "../view.ts";

const expandView = /* @__PURE__ */ defineView({
  name: "expand",
  shape: (x, { shape }: { shape: Shape }) => {
    broadcastStrides("expand", x.shape, x.shape, shape); // throws where it does not fit
    return shape;
  },
  strides: (view, _, shape) => ({
    strides: broadcastStrides("expand", view.shape, view.strides, shape),
    offset: view.offset,
  }),
  grad: (dy, _, shape) => dy.sumTo(shape),
});

/**
 * Repeats axes of size 1 (and new leading ones) without copying: NumPy's broadcast_to. A dimension of −1 stays as
 * it is, as in PyTorch.
 */
export function expand(x: Tensor, shape: Shape): Tensor {
  const lead = shape.length - x.rank;
  const target = shape.map((dim, i) => (dim === -1 ? (x.shape[i - lead] ?? dim) : dim));
  return sameShape(target, x.shape) ? x.alias() : expandView(x, { shape: target });
}
