// What every kernel's launcher is given, and the few steps they share.

import {
  bytesPerElement, contiguousStrides, isContiguous, leafExpr, sizeOf, toProgram,
  type Binding, type DType, type Program,
} from "@sixtyone/tensor/backend";
import type { Engine } from "../launch/engine.ts";
import type { Block, WebGpuBuffer } from "../memory/pool.ts";
import type { Tuning } from "../tuning.ts";
import { isHalf } from "../wgsl/storage.ts";
import { mapViews } from "./map.ts";

export interface Context {
  readonly engine: Engine;
  readonly tuning: Tuning;
}

export function blockOf({ buffer }: Binding): Block {
  return (buffer as WebGpuBuffer).block;
}

const copyPrograms = new Map<string, Program>();

function copyProgram(from: DType, to: DType): Program {
  const key = `${from}>${to}`;
  let program = copyPrograms.get(key);
  if (!program) {
    program = toProgram([leafExpr({}, from)], [to]).program;
    copyPrograms.set(key, program);
  }
  return program;
}

/** Copies `from` to `to` (same shape), widening or rounding on the way. */
export function copyView(context: Context, from: Binding, to: Binding): void {
  mapViews(context, copyProgram(from.dtype, to.dtype), [], from.shape, [from], [to]);
}

/** A contiguous view of memory that lasts until the end of the launch. */
export function temporaryView(context: Context, dtype: DType, shape: readonly number[]): Binding {
  const byteLength = Math.max(4, Math.ceil((sizeOf(shape) * bytesPerElement(dtype)) / 4) * 4);
  const buffer: WebGpuBuffer = { byteLength, block: context.engine.temporary(byteLength) };
  return { buffer, dtype, shape, strides: contiguousStrides(shape), offset: 0 };
}

/** The same elements as contiguous 32-bit words: the view itself, or a copy. */
export function asWords(context: Context, view: Binding): Binding {
  const isWide = !isHalf(view.dtype);
  if (isWide && isContiguous(view.shape, view.strides)) return view;
  const copy = temporaryView(context, isWide ? view.dtype : "f32", view.shape);
  copyView(context, view, copy);
  return copy;
}

/** A contiguous place of 32-bit words to write to, and the step that brings it to `view`. */
export function wordsFor(context: Context, view: Binding): { words: Binding; finish: () => void } {
  if (!isHalf(view.dtype)) return { words: view, finish: () => {} };
  const words = temporaryView(context, "f32", view.shape);
  return { words, finish: () => copyView(context, words, view) };
}

/** Rows and length of the last axis. */
export function rowsOf(view: Binding): { rows: number; length: number } {
  const length = view.shape[view.shape.length - 1]!;
  return { rows: sizeOf(view.shape.slice(0, -1)), length };
}
