import { ArgumentError, ShapeError } from "../../errors.ts";
import { promote } from "../../dtype.ts";
import { formatShape, normalizeAxis, sizeOf } from "../../shape.ts";
import { Lazy } from "../../core/lazy.ts";
import { leafExpr } from "../../ir/expr.ts";
import type { Tensor } from "../../tensor.ts";
import { defineOp } from "../define.ts";

const concatOp = /* @__PURE__ */ defineOp<{ readonly axis: number }, "concat">({
  name: "concat",
  shape: (inputs, { axis }) => {
    const first = inputs[0]!.shape;
    for (const { shape } of inputs) {
      if (shape.length !== first.length || shape.some((d, i) => i !== axis && d !== first[i])) {
        throw new ShapeError(
          `concat: ${formatShape(first)} and ${formatShape(shape)} differ outside axis ${axis}. ` +
            `All other dimensions must be equal.`,
        );
      }
    }
    const total = inputs.reduce((sum, x) => sum + x.shape[axis]!, 0);
    return first.map((dim, i) => (i === axis ? total : dim));
  },
  dtype: (inputs) => inputs.map((x) => x.dtype).reduce(promote),
  lower: (inputs, { axis }, { shape, dtype, device }) => {
    const target = device.allocate("concat", dtype, shape);
    let start = 0;
    for (const input of inputs) {
      const x = input.dtype === dtype ? input : input.cast(dtype);
      const window = {
        ...target,
        shape: x.shape,
        offset: target.offset + start * target.strides[axis]!,
      };
      // A pending operand is computed straight into its place.
      if (sizeOf(x.shape) > 0) {
        const { expr } = x.lazy.isPending
          ? x.lazy.operand(x.size, x.size)
          : { expr: leafExpr(x.lazy.view(), dtype) };
        device.store("concat", [expr], x.shape, [window]);
      }
      start += x.shape[axis]!;
    }
    return device.wrap(Lazy.computed(device, "concat", target));
  },
  grad: ({ attrs: { axis }, inputCount, shape, needs }, dy) => {
    let start = 0;
    return Array.from({ length: inputCount }, (_, i) => {
      const length = shape(i)[axis]!;
      start += length;
      return needs(i) ? dy.narrow(axis, start - length, length) : null;
    });
  },
});

/** Joins tensors along an existing axis; the other dimensions must agree. */
export function concat(tensors: readonly Tensor[], axis: number = 0): Tensor {
  if (tensors.length === 0)
    throw new ArgumentError("concat: expected at least one tensor, got none.");
  return concatOp(tensors, { axis: normalizeAxis("concat", axis, tensors[0]!.shape.length) })[0]!;
}

/** Joins tensors of one shape along a new axis. */
export function stack(tensors: readonly Tensor[], axis: number = 0): Tensor {
  return concat(
    tensors.map((x) => x.unsqueeze(axis)),
    axis,
  );
}
