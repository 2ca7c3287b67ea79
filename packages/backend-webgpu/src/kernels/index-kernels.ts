// Launches gather and scatterAdd. Indices outside their axis are not seen by the host: a gather gives 0
// for them, a scatter leaves them out.

import { sizeOf, type Binding, type LaunchOf } from "@sixtyone/tensor/backend";
import { declarations, isHalf, loadText, readType, storeText, writeType } from "../wgsl/storage.ts";
import { blockOf, temporaryView, type Context } from "./context.ts";
import { copyView, wordsFor } from "./copy.ts";
import { elementParams, elementsFor, elementsText } from "./elements.ts";
import { addressText, coordinateLines, dimParams, mergedSpace, strideParams } from "./space.ts";

const without = (strides: readonly number[], axis: number): number[] =>
  strides.map((stride, i) => (i === axis ? 0 : stride));

export function gather(
  { params: { axis }, inputs, outputs }: LaunchOf<"gather">,
  context: Context,
): void {
  const { engine, tuning } = context;
  const [source, index] = inputs as [Binding, Binding];
  const output = outputs[0]!;
  const size = sizeOf(index.shape);
  const views = [index.strides, without(source.strides, axis), output.strides];
  const space = mergedSpace(index.shape, views);
  const rank = space.dims.length;
  const { dtype } = source;
  const { numbers, groups } = elementsFor(tuning, size);
  engine.dispatch({
    key: `gather ${rank} ${dtype}`,
    shader: () => {
      const value = loadText(
        "in0",
        dtype,
        `u32(${addressText(1, "P.source", 0, rank)} + position * P.step)`,
      );
      const store = storeText("out0", dtype, `u32(${addressText(2, "P.to", 0, rank)})`, "value");
      return {
        params: [
          ...elementParams,
          "ids:i32",
          "source:i32",
          "to:i32",
          "axisSize:i32",
          "step:i32",
          ...dimParams(rank),
          ...[0, 1, 2].flatMap((v) => strideParams(v, rank)),
        ],
        reads: [readType(dtype), "i32"],
        writes: [writeType(dtype)],
        workgroup: tuning.workgroup,
        declarations: declarations([], isHalf(dtype)),
        body: elementsText(
          tuning,
          `
${coordinateLines("i", 0, rank)}
  let position = in1[${addressText(0, "P.ids", 0, rank)}];
  var value = ${dtype === "bool" ? "false" : isHalf(dtype) ? "0.0" : `${dtype}(0)`};
  if (position >= 0 && position < P.axisSize) { value = ${value}; }
  ${store}`,
        ),
      };
    },
    params: [
      ...numbers,
      index.offset,
      source.offset,
      output.offset,
      source.shape[axis]!,
      source.strides[axis]!,
      ...space.dims,
      ...space.strides.flat(),
    ],
    reads: [blockOf(source), blockOf(index)],
    writes: [blockOf(output)],
    groups,
  });
}

/**
 * One thread walks all indices of one line along `axis`: lines never meet, so the sums are in order and
 * nothing is atomic.
 */
export function scatterAdd(
  { params: { axis }, inputs, outputs }: LaunchOf<"scatterAdd">,
  context: Context,
): void {
  const { engine, tuning } = context;
  const [base, index, narrow] = inputs as [Binding, Binding, Binding];
  let source = narrow;
  if (isHalf(narrow.dtype)) {
    source = temporaryView(context, "f32", narrow.shape);
    copyView(context, narrow, source);
  }
  const { words, finish } = wordsFor(context, outputs[0]!);
  copyView(context, base, words);
  const dtype = words.dtype === "bool" ? "u32" : words.dtype;
  const lineShape = index.shape.map((dim, i) => (i === axis ? 1 : dim));
  const lines = index.shape[axis] === 0 ? 0 : sizeOf(lineShape);
  const space = mergedSpace(lineShape, [index.strides, source.strides, words.strides]);
  const rank = space.dims.length;
  engine.dispatch({
    key: `scatterAdd ${rank} ${dtype}`,
    shader: () => ({
      params: [
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
      ],
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
    params: [
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
    ],
    reads: [blockOf(index), blockOf(source)],
    writes: [blockOf(words)],
    groups: Math.ceil(lines / tuning.workgroup),
  });
  finish();
}
