// The leak report. A tensor that no scope owns must be disposed by hand; one that is garbage collected
// instead has leaked. It is freed then, whenever that is, and the device remembers which op had made it.

import { bytesPerElement, type DType } from "../dtype.ts";
import { sizeOf, type Shape } from "../shape.ts";
import type { Device } from "./device.ts";

/** Leaked tensors of one op, dtype and shape. */
export interface Leak {
  readonly op: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly count: number;
  /** What their values took, together; 0 where they were never computed. */
  readonly bytes: number;
}

/**
 * What leaked on a device so far: tensors made outside any scope and garbage collected without `dispose()`,
 * by the op that made them, the largest first. Node collects on `globalThis.gc()` with --expose-gc.
 */
export function leakReport(device: Device): Leak[] {
  const leaks = new Map<string, Leak>();
  for (const { op, dtype, shape, isPending } of device.leaked) {
    const key = `${op} ${dtype} ${shape.join()}`;
    const { count = 0, bytes = 0 } = leaks.get(key) ?? {};
    const own = isPending ? 0 : bytesPerElement(dtype) * sizeOf(shape);
    leaks.set(key, { op, dtype, shape, count: count + 1, bytes: bytes + own });
  }
  return [...leaks.values()].sort((a, b) => b.bytes - a.bytes);
}
