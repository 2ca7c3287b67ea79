import { DTypeError, ShapeError } from "../../errors.ts";
import { isFloat } from "../../dtype.ts";
import { broadcastShapes, broadcastStrides, formatShape, sizeOf, type Shape } from "../../shape.ts";
import { toBinding } from "../../core/storage.ts";
import type { Tensor } from "../../tensor.ts";
import { summed, traffic } from "../cost.ts";
import { defineOp } from "../define.ts";
import { runPrimitive } from "../run-primitive.ts";

const matmulOp = /* @__PURE__ */ defineOp<undefined, "matmul">({
  name: "matmul",
  shape: ([a, b]) => productShape(a!, b!),
  dtype: ([a, b]) => {
    for (const x of [a!, b!]) {
      if (!isFloat(x.dtype)) {
        throw new DTypeError(`matmul: expected floats, got ${x.dtype}. Cast first: x.cast("f32").`);
      }
    }
    return "f32";
  },
  lower: (operands, _, out) => {
    const batch = out.shape.slice(0, -2);
    const inputs = operands.map((x) => {
      const view = x.lazy.view();
      const shape = [...batch, ...x.shape.slice(-2)];
      return toBinding(view, shape, broadcastStrides("matmul", view.shape, view.strides, shape));
    });
    return runPrimitive(out.device, "matmul", "matmul", {}, inputs, out);
  },
  // d(AB) = dY·Bᵀ and Aᵀ·dY; batch axes that were broadcast are summed by the tape.
  grad: ({ input, needs }, dy) => [
    needs(0) ? dy.matmul(input(1).transpose()) : null,
    needs(1) ? input(0).transpose().matmul(dy) : null,
  ],
  saves: [0, 1],
  tolerance: summed,
  cost: (inputs, out) => traffic(inputs, out, 2 * sizeOf(out.shape) * inputs[0]!.shape.at(-1)!),
});

/**
 * Matrix product over the last two axes, [..., M, K] · [..., K, N] → [..., M, N]; leading axes
 * broadcast. A vector is taken as a row on the left and as a column on the right, as in PyTorch.
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  if (a.shape.length === 1) return matmul(a.unsqueeze(0), b).squeeze(b.shape.length === 1 ? 0 : -2);
  if (b.shape.length === 1) return matmul(a, b.unsqueeze(-1)).squeeze(-1);
  // A batch of rows times one matrix is one larger product: fewer, bigger kernels, forward and backward.
  if (a.shape.length > 2 && b.shape.length === 2) {
    const inner = a.shape[a.shape.length - 1]!;
    if (inner !== b.shape[0]) productShape(a, b); // throws with the shapes the caller knows
    const lead = a.shape.slice(0, -1);
    const product = matmulOp([a.reshape([sizeOf(lead), inner]), b], undefined)[0]!;
    return product.reshape([...lead, b.shape[1]!]);
  }
  return matmulOp([a, b], undefined)[0]!;
}

function productShape(a: Tensor, b: Tensor): Shape {
  const [m, k] = a.shape.slice(-2);
  const [k2, n] = b.shape.slice(-2);
  if (a.shape.length < 2 || b.shape.length < 2 || k !== k2) {
    throw new ShapeError(
      `matmul: inner dimensions differ: a is ${formatShape(a.shape)}, b is ${formatShape(b.shape)} ` +
        `(${k} ≠ ${k2}). Transpose one of them, or reshape a to [..., ${k2}].`,
    );
  }
  const batch = broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2));
  return [...batch, m!, n!];
}
