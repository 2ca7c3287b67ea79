// View ops: another window on the same memory (reshape, permute, expand, slice, flip). No kernel runs;
// the result holds a reference on the storage it shares.

import type { Shape } from "../shape.ts";
import { Lazy } from "../core/lazy.ts";
import type { View } from "../core/storage.ts";
import type { Tensor } from "../tensor.ts";
import { free } from "./cost.ts";
import { defineOp, type OpDefinition } from "./define.ts";

interface ViewDefinition<A, N extends string> {
  readonly name: N;
  readonly shape: (x: Tensor, attrs: A) => Shape;
  readonly strides: (
    view: View,
    attrs: A,
    shape: Shape,
  ) => { strides: readonly number[]; offset: number };
  readonly grad: (dy: Tensor, attrs: A, shape: Shape) => Tensor;
}

export function defineView<A, N extends string>({
  name,
  shape,
  strides,
  grad,
}: ViewDefinition<A, N>): ((x: Tensor, attrs: A) => Tensor) & { readonly op: OpDefinition<A, N> } {
  const view = defineOp<A, N>({
    name,
    shape: ([x], attrs) => shape(x!, attrs),
    dtype: ([x]) => x!.dtype,
    lower: ([x], attrs, out) => {
      const source = x!.lazy.view();
      source.storage.retain();
      const window = { ...source, shape: out.shape, ...strides(source, attrs, out.shape) };
      return out.device.wrap(Lazy.computed(out.device, name, window));
    },
    grad: (context, dy) => [grad(dy, context.attrs, context.shape(0))],
    cost: () => free,
  });
  return Object.assign((x: Tensor, attrs: A) => view([x], attrs)[0]!, { op: view.op });
}
