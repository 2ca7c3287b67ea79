// Launches gather, scatterAdd and countingSort: the kernels that follow indices. An index outside its
// axis throws IndexError, as in the reference.

import { sizeOf, type Binding, type LaunchOf } from "@sixtyone/tensor/backend";
import {
  addressOf,
  asWords,
  checkIndices,
  copyView,
  temporaryView,
  typeNumber,
  wordsFor,
  type Context,
} from "./context.ts";
import { maxRank } from "../map/space.ts";
import { spaceWords, writeSpace } from "./row-space.ts";

const without = (strides: readonly number[], axis: number): number[] =>
  strides.map((stride, i) => (i === axis ? 0 : stride));

export function gather(
  { params: { axis }, inputs, outputs, op }: LaunchOf<"gather">,
  context: Context,
): void {
  const { engine, space } = context;
  const [source, index] = inputs as [Binding, Binding];
  if (sizeOf(index.shape) === 0) return;
  space.begin(op, index.shape);
  space.add(index.strides);
  space.add(without(source.strides, axis));
  space.merge(index.shape);
  if (space.rank === 0) space.append();
  const at = engine.block(8 + spaceWords(space));
  const { i32 } = engine.heap;
  i32[at] = addressOf(source);
  i32[at + 1] = addressOf(index);
  i32[at + 2] = addressOf(outputs[0]!);
  i32[at + 3] = source.dtype === "f16" || source.dtype === "bf16" ? 1 : 2;
  i32[at + 4] = source.shape[axis]!;
  i32[at + 5] = source.strides[axis]!;
  i32[at + 6] = 0;
  writeSpace(i32, at + 8, space);
  engine.job(engine.kernels.gather!, at * 4, space.size / space.dims[space.rank - 1]!, space.size);
  checkIndices(context, op, at + 6, axis, source.shape[axis]!);
}

export function scatterAdd(
  { params: { axis }, inputs, outputs, op }: LaunchOf<"scatterAdd">,
  context: Context,
): void {
  const { engine, space } = context;
  const [base, index, narrow] = inputs as [Binding, Binding, Binding];
  const isHalf = narrow.dtype === "f16" || narrow.dtype === "bf16";
  const source = isHalf ? temporaryView(context, "f32", narrow.shape) : narrow;
  if (isHalf) copyView(context, narrow, source);
  const { words: out, finish } = wordsFor(context, outputs[0]!);
  copyView(context, base, out);
  if (sizeOf(index.shape) > 0) {
    space.begin(op, index.shape);
    space.add(index.strides);
    space.add(source.strides);
    space.add(without(out.strides, axis));
    space.merge(index.shape);
    if (space.rank === 0) space.append();
    const last = space.rank - 1;
    const columns = space.dims[last]!;
    // Strips are independent only where all their elements go to distinct columns of the output.
    const hasStrips = space.strides[last] === 0 && space.strides[2 * maxRank + last] === 1;
    const strip = hasStrips ? Math.min(columns, 64) : columns;
    const at = engine.block(10 + spaceWords(space));
    const { i32 } = engine.heap;
    i32[at] = addressOf(out);
    i32[at + 1] = addressOf(index);
    i32[at + 2] = addressOf(source);
    i32[at + 3] = typeNumber(out.dtype);
    i32[at + 4] = out.shape[axis]!;
    i32[at + 5] = out.strides[axis]!;
    i32[at + 6] = 0;
    i32[at + 8] = space.size / columns;
    i32[at + 9] = strip;
    writeSpace(i32, at + 10, space);
    engine.job(engine.kernels.scatterAdd!, at * 4, Math.ceil(columns / strip), space.size);
    checkIndices(context, op, at + 6, axis, out.shape[axis]!);
  }
  finish();
}

export function countingSort(
  { params: { bins }, inputs, outputs, op }: LaunchOf<"countingSort">,
  context: Context,
): void {
  const { engine } = context;
  const keys = asWords(context, inputs[0]!);
  const at = engine.block(8);
  const { i32 } = engine.heap;
  i32[at] = addressOf(keys);
  i32[at + 1] = addressOf(outputs[0]!);
  i32[at + 2] = addressOf(outputs[1]!);
  i32[at + 3] = sizeOf(keys.shape);
  i32[at + 4] = bins;
  i32[at + 6] = 0;
  engine.job(engine.kernels.countingSort!, at * 4, 1, 0);
  checkIndices(context, op, at + 6, 0, bins);
}
