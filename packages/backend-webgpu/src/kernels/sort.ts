// Launches sort. Keys become unsigned words that compare as the contract says (NaN last, −0 equal to 0,
// complemented when descending). Blocks of a row are sorted by counting, for each element, those that
// come before it; sorted runs are then merged pairwise, each element finding its place in the other run
// by bisection. No barriers, no atomics, stable by construction.

import { type Binding, type LaunchOf } from "@sixtyone/tensor/backend";
import { declarations } from "../wgsl/storage.ts";
import { blockOf, rowsOf, temporaryView, type Context } from "./context.ts";
import { asWords, wordsFor } from "./copy.ts";

const blockLength = 128;

function keyText(dtype: string, descending: boolean): string {
  const ordered =
    dtype === "f32"
      ? `let bits = bitcast<u32>(x);
  var key = select(bits | 0x80000000u, ~bits, (bits >> 31u) != 0u);
  if (x == 0.0) { key = 0x80000000u; }
  if (isNan(x)) { key = 0xffffffffu; }`
      : `var key = ${dtype === "i32" ? "bitcast<u32>(x) ^ 0x80000000u" : "x"};`;
  return `fn keyOf(x: ${dtype}) -> u32 {
  ${ordered}
  return ${descending ? "~key" : "key"};
}`;
}

export function sort({ params, inputs, outputs }: LaunchOf<"sort">, context: Context): void {
  const { descending, k } = params;
  const source = asWords(context, inputs[0]!);
  const { words, finish } = wordsFor(context, outputs[0]!);
  const { rows, length } = rowsOf(source);
  if (rows * length === 0 || k === 0) return;
  const sorted = sortedPairs(context, source, descending);
  take(context, source, sorted, words, outputs[1]!, [rows, length, k]);
  finish();
}

/** Pairs of key (an ordered word, see `keyText`) and index of contiguous words, row by row. */
export function sortedPairs(context: Context, source: Binding, descending: boolean): Binding {
  const { rows, length } = rowsOf(source);
  const size = rows * length;
  let sorted = temporaryView(context, "u32", [size * 2]);
  sortBlocks(context, source, descending, rows, length, sorted);
  let other = length > blockLength ? temporaryView(context, "u32", [size * 2]) : sorted;
  for (let run = blockLength; run < length; run *= 2) {
    mergeRuns(context, rows, length, run, sorted, other);
    [sorted, other] = [other, sorted];
  }
  return sorted;
}

function sortBlocks(
  { engine, tuning }: Context,
  source: Binding,
  descending: boolean,
  rows: number,
  length: number,
  sorted: Binding,
): void {
  const dtype = source.dtype === "bool" ? "u32" : source.dtype;
  engine.dispatch({
    key: `sort blocks ${dtype} ${descending}`,
    shader: () => ({
      params: ["size:u32", "length:u32", "source:u32"],
      reads: [dtype],
      writes: ["vec2<u32>"],
      workgroup: tuning.workgroup,
      declarations: declarations(["special"], false) + keyText(dtype, descending),
      body: `
  if (thread >= P.size) { return; }
  let row = thread / P.length;
  let i = thread % P.length;
  let start = P.source + row * P.length;
  let key = keyOf(in0[start + i]);
  let first = i - i % ${blockLength}u;
  let end = min(first + ${blockLength}u, P.length);
  var rank = first;
  for (var j = first; j < end; j = j + 1u) {
    let otherKey = keyOf(in0[start + j]);
    if (otherKey < key || (otherKey == key && j < i)) { rank = rank + 1u; }
  }
  out0[row * P.length + rank] = vec2<u32>(key, i);`,
    }),
    params: [rows * length, length, source.offset],
    reads: [blockOf(source)],
    writes: [blockOf(sorted)],
    groups: Math.ceil((rows * length) / tuning.workgroup),
  });
}

function mergeRuns(
  { engine, tuning }: Context,
  rows: number,
  length: number,
  run: number,
  from: Binding,
  to: Binding,
): void {
  engine.dispatch({
    key: "sort merge",
    shader: () => ({
      params: ["size:u32", "length:u32", "run:u32"],
      reads: ["vec2<u32>"],
      writes: ["vec2<u32>"],
      workgroup: tuning.workgroup,
      body: `
  if (thread >= P.size) { return; }
  let row = thread / P.length;
  let i = thread % P.length;
  let start = row * P.length;
  let pair = in0[thread];
  let isLeft = (i / P.run) % 2u == 0u;
  let own = i - i % P.run;
  let sibling = select(own - P.run, own + P.run, isLeft);
  // How many of the other run come before: equal keys of the left run do, of the right one do not.
  var low = min(sibling, P.length);
  var high = min(sibling + P.run, P.length);
  let begin = low;
  while (low < high) {
    let middle = (low + high) / 2u;
    let key = in0[start + middle].x;
    if (key < pair.x || (key == pair.x && !isLeft)) { low = middle + 1u; } else { high = middle; }
  }
  out0[start + min(own, select(sibling, own, isLeft)) + (i - own) + (low - begin)] = pair;`,
    }),
    params: [rows * length, length, run],
    reads: [blockOf(from)],
    writes: [blockOf(to)],
    groups: Math.ceil((rows * length) / tuning.workgroup),
  });
}

function take(
  { engine, tuning }: Context,
  source: Binding,
  sorted: Binding,
  values: Binding,
  indices: Binding,
  [rows, length, k]: readonly [number, number, number],
): void {
  const dtype = source.dtype === "bool" ? "u32" : source.dtype;
  engine.dispatch({
    key: `sort take ${dtype}`,
    shader: () => ({
      params: ["size:u32", "length:u32", "k:u32", "source:u32", "toValues:u32", "toIndices:u32"],
      reads: [dtype, "vec2<u32>"],
      writes: [dtype, "i32"],
      workgroup: tuning.workgroup,
      body: `
  if (thread >= P.size) { return; }
  let row = thread / P.k;
  let index = in1[row * P.length + thread % P.k].y;
  out0[P.toValues + thread] = in0[P.source + row * P.length + index];
  out1[P.toIndices + thread] = i32(index);`,
    }),
    params: [rows * k, length, k, source.offset, values.offset, indices.offset],
    reads: [blockOf(source), blockOf(sorted)],
    writes: [blockOf(values), blockOf(indices)],
    groups: Math.ceil((rows * k) / tuning.workgroup),
  });
}
