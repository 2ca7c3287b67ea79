// Launches map: every output element by itself.

import { sizeOf, type Binding, type LaunchOf, type Program } from "@sixtyone/tensor/backend";
import { printProgram, scalarValues } from "../wgsl/program.ts";
import { declarations, loadText, readType, storeText, writeType } from "../wgsl/storage.ts";
import { blockOf, type Context } from "./context.ts";
import { elementParams, elementsFor, elementsText } from "./elements.ts";
import {
  addressText,
  coordinateLines,
  dimParams,
  mergedSpace,
  patternOf,
  plainSpace,
  strideParams,
} from "./space.ts";

export function mapViews(
  { engine, tuning }: Context,
  program: Program,
  scalars: readonly number[],
  shape: readonly number[],
  inputs: readonly Binding[],
  outputs: readonly Binding[],
): void {
  const size = sizeOf(shape);
  if (size === 0) return;
  const views = [...inputs, ...outputs];
  const makeSpace = program.usesIndex ? plainSpace : mergedSpace;
  const space = makeSpace(
    shape,
    views.map(({ strides }) => strides),
  );
  const rank = space.dims.length;
  const patterns = space.strides.map((strides) => patternOf(space, strides));
  const { workgroup } = tuning;
  const { numbers, groups } = elementsFor(tuning, size);
  const params: number[] = [...numbers];
  const isStrided = program.usesIndex || patterns.includes("s");
  if (isStrided) params.push(...space.dims);
  views.forEach(({ offset }, v) => {
    params.push(offset);
    if (patterns[v] === "s") params.push(...space.strides[v]!);
  });
  params.push(...scalarValues(program, scalars));
  engine.dispatch({
    key: `map ${isStrided ? rank : ""} ${patterns.join("")} ${program.key}`,
    shader: () => {
      const at = (v: number): string => {
        if (patterns[v] === "b") return `u32(P.o${v})`;
        if (patterns[v] === "c") return `(u32(P.o${v}) + i)`;
        return `u32(${addressText(v, `P.o${v}`, 0, rank)})`;
      };
      const printed = printProgram(
        program,
        (slot) => loadText(`in${slot}`, program.inputs[slot]!, at(slot)),
        (axis) => `c${rank + axis}`,
      );
      const stores = program.outputs.map(({ dtype }, i) =>
        storeText(`out${i}`, dtype, at(inputs.length + i), printed.outputs[i]!),
      );
      return {
        params: [
          ...elementParams,
          ...(isStrided ? dimParams(rank) : []),
          ...views.flatMap((_, v) => [
            `o${v}:i32`,
            ...(patterns[v] === "s" ? strideParams(v, rank) : []),
          ]),
          ...printed.scalars,
        ],
        reads: program.inputs.map(readType),
        writes: program.outputs.map(({ dtype }) => writeType(dtype)),
        workgroup,
        declarations: declarations(printed.needs, printed.hasHalves),
        body: elementsText(
          tuning,
          `${isStrided ? coordinateLines("i", 0, rank) : ""}${printed.lines}\n    ${stores.join("\n    ")}`,
        ),
      };
    },
    params,
    reads: inputs.map(blockOf),
    writes: outputs.map(blockOf),
    groups,
  });
}

export function map({ params, inputs, outputs }: LaunchOf<"map">, context: Context): void {
  mapViews(context, params.program, params.scalars, params.shape, inputs, outputs);
}
