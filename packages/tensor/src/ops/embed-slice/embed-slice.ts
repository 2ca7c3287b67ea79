import type { Shape } from "../../shape.ts";
import { Lazy } from "../../core/lazy.ts";
import type { View } from "../../core/storage.ts";
import { leafExpr, scalarExpr } from "../../ir/expr.ts";
import type { Tensor } from "../../tensor.ts";
import { defineOp } from "../define.ts";
import type { ResolvedRange } from "../slice/slice.ts";

interface Attrs {
  readonly ranges: readonly ResolvedRange[];
  readonly shape: Shape;
}

const embedOp = /* @__PURE__ */ defineOp<Attrs, "embedSlice">({
  name: "embedSlice",
  shape: (_, { shape }) => shape,
  dtype: ([x]) => x!.dtype,
  lower: ([x], { ranges }, { shape, dtype, device }) => {
    const source = x!.lazy.view();
    const zero = scalarExpr(0, leafExpr(source, dtype).type);
    const target = device.evaluate("embedSlice", zero, shape, dtype);
    const window: View = {
      ...target,
      shape: source.shape,
      strides: target.strides.map((stride, axis) => stride * ranges[axis]!.step),
      offset: ranges.reduce((sum, r, axis) => sum + r.start * target.strides[axis]!, 0),
    };
    device.store("embedSlice", [leafExpr(source, dtype)], source.shape, [window]);
    return device.wrap(Lazy.computed(device, "embedSlice", target));
  },
  grad: ({ attrs: { ranges } }, dy) => [
    dy.slice(
      ranges.map(({ start, count, step }) => {
        const end = start + count * step;
        return { start, step, ...(end >= 0 && { end }) };
      }),
    ),
  ],
});

/** Zeros of `shape` with x written at the slice: the adjoint of `slice`, and what `pad` is made of. */
export function embedSlice(x: Tensor, ranges: readonly ResolvedRange[], shape: Shape): Tensor {
  return embedOp([x], { ranges, shape })[0]!;
}
