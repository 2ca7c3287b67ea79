// Launches scatterAdd: what is added to one place is added by one thread, in the order of the indices, so sums
// are the same from run to run and nothing is atomic. Indices outside their axis, which the host does not see, are
// left out. A thread walks all indices of a line along `axis`; where there are many and they are the same for all
// lines (the gradient of an embedding), they are sorted first and a thread walks those of one place. Both give the
// same bits.

import { sizeOf, type Binding, type LaunchOf } from "@sixtyone/tensor/backend";
import { isHalf } from "../wgsl/storage.ts";
import { blockOf, temporaryView, type Context } from "./context.ts";
import { asWords, copyView, wordsFor } from "./copy.ts";
import { sortedPairs } from "./sort.ts";
import {
  addressText,
  coordinateLines,
  dimParams,
  mergedSpace,
  strideParams,
  type Space,
} from "./space.ts";

interface Scatter {
  readonly axis: number;
  readonly index: Binding;
  readonly source: Binding;
  /** What is added to. */
  readonly words: Binding;
  /** The iteration space of lines along `axis`: of index, source and words. */
  readonly space: Space;
  readonly lines: number;
}

export function scatterAdd(
  { params: { axis }, inputs, outputs }: LaunchOf<"scatterAdd">,
  context: Context,
): void {
  const [base, index, narrow] = inputs as [Binding, Binding, Binding];
  let source = narrow;
  if (isHalf(narrow.dtype)) {
    source = temporaryView(context, "f32", narrow.shape);
    copyView(context, narrow, source);
  }
  const { words, finish } = wordsFor(context, outputs[0]!);
  copyView(context, base, words);
  const count = index.shape[axis]!;
  const lineShape = index.shape.map((dim, i) => (i === axis ? 1 : dim));
  const lines = count === 0 ? 0 : sizeOf(lineShape);
  const space = mergedSpace(lineShape, [index.strides, source.strides, words.strides]);
  const scatter = { axis, index, source, words, space, lines };
  const isShared = index.strides.every(
    (stride, i) => i === axis || stride === 0 || index.shape[i] === 1,
  );
  if (isShared && lines > 0 && count >= context.tuning.sortedScatter) addRuns(context, scatter);
  else addLines(context, scatter);
  finish();
}

const scatterType = ({ words: { dtype } }: Scatter): "f32" | "i32" | "u32" =>
  dtype === "f32" || dtype === "i32" ? dtype : "u32";

const params = (rank: number): string[] => [
  "lines:u32",
  "count:i32",
  "ids:i32",
  "source:i32",
  "to:i32",
  "axisSize:i32",
  "idStep:i32",
  "fromStep:i32",
  "toStep:i32",
  ...dimParams(rank),
  ...[0, 1, 2].flatMap((v) => strideParams(v, rank)),
];

function numbers({ axis, index, source, words, space, lines }: Scatter): number[] {
  return [
    lines,
    index.shape[axis]!,
    index.offset,
    source.offset,
    words.offset,
    words.shape[axis]!,
    index.strides[axis]!,
    source.strides[axis]!,
    words.strides[axis]!,
    ...space.dims,
    ...space.strides.flat(),
  ];
}

function addLines({ engine, tuning }: Context, scatter: Scatter): void {
  const { index, source, words, space, lines } = scatter;
  const rank = space.dims.length;
  const dtype = scatterType(scatter);
  engine.dispatch({
    key: `scatterAdd ${rank} ${dtype}`,
    shader: () => ({
      params: params(rank),
      reads: ["i32", dtype],
      writes: [dtype],
      workgroup: tuning.workgroup,
      body: `
  if (thread >= P.lines) { return; }
${coordinateLines("thread", 0, rank)}
  let ids = ${addressText(0, "P.ids", 0, rank)};
  let source = ${addressText(1, "P.source", 0, rank)};
  let to = ${addressText(2, "P.to", 0, rank)};
  for (var i = 0; i < P.count; i = i + 1) {
    let position = in0[ids + i * P.idStep];
    if (position >= 0 && position < P.axisSize) {
      let at = to + position * P.toStep;
      out0[at] = out0[at] + in1[source + i * P.fromStep];
    }
  }`,
    }),
    params: numbers(scatter),
    reads: [blockOf(index), blockOf(source)],
    writes: [blockOf(words)],
    groups: Math.ceil(lines / tuning.workgroup),
  });
}

/** Of the sorted indices, the first of each run stands for its place; the threads of the others return. */
function addRuns(context: Context, scatter: Scatter): void {
  const { engine, tuning } = context;
  const { axis, index, source, words, space, lines } = scatter;
  const [count, stride] = [index.shape[axis]!, index.strides[axis]!];
  const line: Binding = { ...index, dtype: "i32", shape: [count], strides: [stride] };
  const pairs = sortedPairs(context, asWords(context, line), false);
  const rank = space.dims.length;
  const dtype = scatterType(scatter);
  engine.dispatch({
    key: `scatterAdd runs ${rank} ${dtype}`,
    shader: () => ({
      params: params(rank),
      reads: ["vec2<u32>", dtype],
      writes: [dtype],
      workgroup: tuning.workgroup,
      body: `
  let first = i32(thread / P.lines);
  if (first >= P.count) { return; }
  let key = in0[first].x;
  if (first > 0 && in0[max(first, 1) - 1].x == key) { return; }
  let position = bitcast<i32>(key ^ 0x80000000u);
  if (position < 0 || position >= P.axisSize) { return; }
  let line = thread % P.lines;
${coordinateLines("line", 0, rank)}
  let source = ${addressText(1, "P.source", 0, rank)};
  let at = ${addressText(2, "P.to", 0, rank)} + position * P.toStep;
  var sum = out0[at];
  for (var i = first; i < P.count; i = i + 1) {
    let pair = in0[i];
    if (pair.x != key) { break; }
    sum = sum + in1[source + i32(pair.y) * P.fromStep];
  }
  out0[at] = sum;`,
    }),
    params: numbers(scatter),
    reads: [blockOf(pairs), blockOf(source)],
    writes: [blockOf(words)],
    groups: Math.ceil((count * lines) / tuning.workgroup),
  });
}
