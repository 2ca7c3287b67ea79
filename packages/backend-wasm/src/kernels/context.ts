// What every kernel's launcher is given, and the few steps they share.

import {
  IndexError,
  bytesPerElement,
  computeType,
  isContiguous,
  isFloat,
  leafExpr,
  sizeOf,
  toProgram,
  contiguousStrides,
  type Binding,
  type DType,
} from "@sixtyone/tensor/backend";
import { addressOf, type WasmBuffer } from "../buffer.ts";
import type { Engine } from "../engine.ts";
import type { PanelCache } from "../memory/panels.ts";
import type { ProgramCache } from "../map/program-params.ts";
import type { Space } from "../map/space.ts";
import { mapViews } from "./map.ts";

export interface Context {
  readonly engine: Engine;
  readonly programs: ProgramCache;
  readonly space: Space;
  readonly panels: PanelCache;
}

/** The number kernels know an element type by (assembly/vm/fold.ts). */
export function typeNumber(dtype: DType): number {
  return isFloat(dtype) ? 0 : dtype === "i32" ? 1 : 2;
}

const copyPrograms = new Map<string, ReturnType<typeof toProgram>["program"]>();

function copyProgram(from: DType, to: DType): ReturnType<typeof toProgram>["program"] {
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
  mapViews(context, "copy", copyProgram(from.dtype, to.dtype), [], from.shape, [from], [to]);
}

/** A contiguous view of a temporary. */
export function temporaryView(context: Context, dtype: DType, shape: readonly number[]): Binding {
  const byteLength = sizeOf(shape) * bytesPerElement(dtype);
  const buffer: WasmBuffer = { address: context.engine.temporary(byteLength), byteLength };
  return { buffer, dtype, shape, strides: contiguousStrides(shape), offset: 0 };
}

/** The same elements as contiguous 32-bit words: the view itself, or a copy. */
export function asWords(context: Context, view: Binding): Binding {
  const isWide = bytesPerElement(view.dtype) === 4;
  if (isWide && isContiguous(view.shape, view.strides)) return view;
  const copy = temporaryView(context, isWide ? view.dtype : computeType(view.dtype), view.shape);
  copyView(context, view, copy);
  return copy;
}

/** A contiguous place of 32-bit words to write to, and the step that brings it to `view`. */
export function wordsFor(context: Context, view: Binding): { words: Binding; finish: () => void } {
  if (bytesPerElement(view.dtype) === 4) return { words: view, finish: () => {} };
  const words = temporaryView(context, "f32", view.shape);
  return { words, finish: () => copyView(context, words, view) };
}

/** Rows and length of the last axis. */
export function rowsOf(view: Binding): { rows: number; length: number } {
  const length = view.shape[view.shape.length - 1]!;
  return { rows: sizeOf(view.shape.slice(0, -1)), length };
}

/** After the job: throws if it met an index outside its axis. `flag` is the index in i32 of the report. */
export function checkIndices(
  context: Context,
  op: string,
  flag: number,
  axis: number,
  size: number,
): void {
  const { engine } = context;
  engine.onHost(() => {
    const { i32 } = engine.heap;
    if (i32[flag] === 0) return;
    i32[flag] = 0;
    throw new IndexError(
      `${op}: index ${i32[flag + 1]} is outside axis ${axis} of size ${size}. ` +
        `Indices must be in 0..${size - 1}.`,
    );
  });
}

export { addressOf };
