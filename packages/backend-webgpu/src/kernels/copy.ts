// Copies between views, and the two uses most kernels have for them: operands that must be contiguous
// words, and results that must become halves.

import {
  isContiguous,
  leafExpr,
  toProgram,
  type Binding,
  type DType,
  type Program,
} from "@sixtyone/tensor/backend";
import { isHalf } from "../wgsl/storage.ts";
import { temporaryView, type Context } from "./context.ts";
import { mapViews } from "./map.ts";

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
