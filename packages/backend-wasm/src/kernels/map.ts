// Launches map.

import { sizeOf, type Binding, type LaunchOf, type Program } from "@sixtyone/tensor/backend";
import { writeProgram } from "../map/program-params.ts";
import type { Context } from "./context.ts";

export function mapViews(
  { engine, programs, space }: Context,
  op: string,
  program: Program,
  scalars: readonly number[],
  shape: readonly number[],
  inputs: readonly Binding[],
  outputs: readonly Binding[],
): void {
  if (sizeOf(shape) === 0) return;
  const compiled = programs.get(engine, program, false);
  space.begin(op, shape);
  for (const input of inputs) space.add(input.strides);
  for (const axis of compiled.indexAxes) space.addIndex(axis);
  for (const output of outputs) space.add(output.strides);
  space.merge(shape);
  if (space.rank === 0) space.append();
  const block = writeProgram(engine, compiled, space, inputs, outputs, scalars, "auto");
  const tiles = block.rowBlocks
    ? (space.size / space.dims[space.rank - 1]!) * block.rowBlocks
    : Math.ceil(space.size / block.block);
  engine.job(
    engine.kernels.map!,
    block.address,
    tiles,
    space.size * compiled.nanosecondsPerElement,
  );
}

export function map({ params, inputs, outputs, op }: LaunchOf<"map">, context: Context): void {
  mapViews(context, op, params.program, params.scalars, params.shape, inputs, outputs);
}
