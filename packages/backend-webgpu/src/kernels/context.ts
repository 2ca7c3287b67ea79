// What every kernel's launcher is given, and the few steps they share.

import {
  bytesPerElement,
  contiguousStrides,
  sizeOf,
  type Binding,
  type DType,
} from "@sixtyone/tensor/backend";
import type { Engine } from "../launch/engine.ts";
import type { Block, WebGpuBuffer } from "../memory/pool.ts";
import type { Tuning } from "../tuning.ts";

export interface Context {
  readonly engine: Engine;
  readonly tuning: Tuning;
}

export function blockOf({ buffer }: Binding): Block {
  return (buffer as WebGpuBuffer).block;
}

/** A contiguous view of memory that lasts until the end of the launch. */
export function temporaryView(context: Context, dtype: DType, shape: readonly number[]): Binding {
  const byteLength = Math.max(4, Math.ceil((sizeOf(shape) * bytesPerElement(dtype)) / 4) * 4);
  const buffer: WebGpuBuffer = { byteLength, block: context.engine.temporary(byteLength) };
  return { buffer, dtype, shape, strides: contiguousStrides(shape), offset: 0 };
}

/** Rows and length of the last axis. */
export function rowsOf(view: Binding): { rows: number; length: number } {
  const length = view.shape[view.shape.length - 1]!;
  return { rows: sizeOf(view.shape.slice(0, -1)), length };
}
