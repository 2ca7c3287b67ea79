// Launches gather. Indices outside their axis are not seen by the host: they give 0.

import { sizeOf, type Binding, type LaunchOf } from "@sixtyone/tensor/backend";
import { declarations, isHalf, loadText, readType, storeText, writeType } from "../wgsl/storage.ts";
import { blockOf, type Context } from "./context.ts";
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
