// What every op around one primitive does: new memory for the results, the launch unless there is nothing to
// compute, and tensors over the memory.

import type { Binding, LaunchOf, PrimitiveName, PrimitiveParams } from "../backend/contract.ts";
import type { DType } from "../dtype.ts";
import { sizeOf, type Shape } from "../shape.ts";
import type { Device } from "../core/device.ts";
import { Lazy } from "../core/lazy.ts";
import { bindView } from "../core/storage.ts";
import type { Tensor } from "../tensor.ts";

/** Runs `kernel` into new contiguous tensors; `op` is what messages and profiles call it. */
export function runPrimitive<K extends PrimitiveName>(
  device: Device,
  op: string,
  kernel: K,
  params: PrimitiveParams[K],
  inputs: readonly Binding[],
  ...outputs: readonly { readonly shape: Shape; readonly dtype: DType }[]
): Tensor[] {
  const views = outputs.map(({ shape, dtype }) => device.allocate(op, dtype, shape));
  if (outputs.some(({ shape }) => sizeOf(shape) > 0)) {
    device.launch({
      kernel,
      op,
      params,
      inputs,
      outputs: views.map(bindView),
    } as unknown as LaunchOf<K>);
  }
  return views.map((view) => device.wrap(Lazy.computed(device, op, view)));
}

export function bindTensor(x: Tensor): Binding {
  return bindView(x.lazy.view());
}
