// Launches argReduce, scan and sort, which work on contiguous rows of words; other views are copied
// first. And random, which has no input but its state.

import { sizeOf, type LaunchOf } from "@sixtyone/tensor/backend";
import { scratchBytes } from "../engine.ts";
import { addressOf, asWords, rowsOf, typeNumber, wordsFor, type Context } from "./context.ts";
import { reduceNumber } from "./reduce.ts";

export function argReduce(
  { params, inputs, outputs }: LaunchOf<"argReduce">,
  context: Context,
): void {
  const { engine } = context;
  const source = asWords(context, inputs[0]!);
  const { rows, length } = rowsOf(source);
  const at = engine.block(5);
  const { i32 } = engine.heap;
  i32[at] = addressOf(source);
  i32[at + 1] = addressOf(outputs[0]!);
  i32[at + 2] = length;
  i32[at + 3] = reduceNumber[params.op];
  i32[at + 4] = typeNumber(source.dtype);
  engine.job(engine.kernels.argReduce!, at * 4, rows, rows * length);
}

export function scan({ params, inputs, outputs }: LaunchOf<"scan">, context: Context): void {
  const { engine } = context;
  const source = asWords(context, inputs[0]!);
  const { words, finish } = wordsFor(context, outputs[0]!);
  const { rows, length } = rowsOf(source);
  const at = engine.block(7);
  const { i32 } = engine.heap;
  i32[at] = addressOf(source);
  i32[at + 1] = addressOf(words);
  i32[at + 2] = length;
  i32[at + 3] = reduceNumber[params.op];
  i32[at + 4] = typeNumber(source.dtype);
  i32[at + 5] = params.exclusive ? 1 : 0;
  i32[at + 6] = params.reverse ? 1 : 0;
  engine.job(engine.kernels.scan!, at * 4, length === 0 ? 0 : rows, rows * length);
  finish();
}

export function sort({ params, inputs, outputs }: LaunchOf<"sort">, context: Context): void {
  const { engine } = context;
  const source = asWords(context, inputs[0]!);
  const { words, finish } = wordsFor(context, outputs[0]!);
  const { rows, length } = rowsOf(source);
  const bytes = 1024 + 16 * length;
  // Rows too long for a thread's scratch share one room, so they are one tile.
  const room = bytes > scratchBytes ? engine.temporary(bytes) : 0;
  const tiles = length === 0 || params.k === 0 ? 0 : rows;
  const blocks = room ? tiles : Math.min(tiles, 1);
  for (let row = 0; row < blocks; row++) {
    const at = engine.block(8);
    const { i32 } = engine.heap;
    i32[at] = addressOf(source) + row * length * 4;
    i32[at + 1] = addressOf(words) + row * params.k * 4;
    i32[at + 2] = addressOf(outputs[1]!) + row * params.k * 4;
    i32[at + 3] = length;
    i32[at + 4] = params.k;
    i32[at + 5] = typeNumber(source.dtype);
    i32[at + 6] = params.descending ? 1 : 0;
    i32[at + 7] = room;
    engine.job(engine.kernels.sort!, at * 4, room ? 1 : tiles, tiles * length * 10);
  }
  finish();
}

export function random({ inputs, outputs }: LaunchOf<"random">, context: Context): void {
  const { engine } = context;
  const size = sizeOf(outputs[0]!.shape);
  const at = engine.block(4);
  const { i32 } = engine.heap;
  i32[at] = addressOf(inputs[0]!);
  i32[at + 1] = addressOf(outputs[0]!);
  i32[at + 2] = size;
  i32[at + 3] = inputs[0]!.strides[0]! * 4;
  engine.job(engine.kernels.random!, at * 4, Math.ceil(size / 1024), size * 2);
}
