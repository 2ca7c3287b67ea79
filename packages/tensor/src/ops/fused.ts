// Fused ops: an op whose backend may bring one kernel for the whole of it. `tryFused` runs that kernel
// if the backend takes this very launch, else gives undefined and the caller goes on with primitives.

import type { FusedName, FusedParams, LaunchOf } from "../backend/contract.ts";
import type { DType } from "../dtype.ts";
import { sizeOf, type Shape } from "../shape.ts";
import type { Device } from "../core/device.ts";
import { Lazy } from "../core/lazy.ts";
import { bindView, contiguousView, type View } from "../core/storage.ts";
import type { Tensor } from "../tensor.ts";

export interface OutputSpec {
  readonly shape: Shape;
  readonly dtype?: DType;
}

/** The results of the fused kernel in the shapes of `outputs`, or undefined if there is no such kernel. */
export function tryFused<K extends FusedName>(
  device: Device,
  kernel: K,
  params: FusedParams[K],
  inputs: readonly View[],
  outputs: readonly OutputSpec[],
): Tensor[] | undefined {
  if (outputs.some(({ shape }) => sizeOf(shape) === 0)) return undefined;
  const views = outputs.map(({ shape, dtype = "f32" }) => device.allocate(kernel, dtype, shape));
  const launch = {
    kernel,
    op: kernel,
    params,
    inputs: inputs.map(bindView),
    outputs: views.map(bindView),
  } as unknown as LaunchOf<K>;
  if (!device.supports(launch)) {
    for (const view of views) view.storage.release();
    return undefined;
  }
  device.launch(launch);
  return views.map((view) => device.wrap(Lazy.computed(device, kernel, view)));
}

/** The value as contiguous f32 rows [N, D], D being the last axis. */
export function asRows(x: Tensor): View {
  const view = x.cast("f32").contiguous().lazy.view();
  const width = view.shape[view.shape.length - 1] ?? 1;
  const rows = width === 0 ? 0 : sizeOf(view.shape) / width;
  return { ...contiguousView(view.storage, "f32", [rows, width]), offset: view.offset };
}

/** The value as contiguous f32 in its own shape. */
export function asContiguous(x: Tensor): View {
  return x.cast("f32").contiguous().lazy.view();
}
