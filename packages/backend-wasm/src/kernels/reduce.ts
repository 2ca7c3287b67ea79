// Launches reduce: decides whether to fold along rows or across them, by the strides of the inputs.

import { computeType, sizeOf, type LaunchOf, type ReduceOp } from "@sixtyone/tensor/backend";
import { floatBits } from "../map/compile.ts";
import { writeProgram, type ProgramBlock } from "../map/program-params.ts";
import { maxRank, type Space } from "../map/space.ts";
import { addressOf, temporaryView, copyView, typeNumber, type Context } from "./context.ts";

const headerWords = 14;
export const reduceNumber: { readonly [O in ReduceOp]: number } = {
  sum: 0,
  prod: 1,
  max: 2,
  min: 3,
};

function identityBits(op: ReduceOp, type: number): number {
  if (op === "sum") return 0;
  if (op === "prod") return type === 0 ? floatBits(1) : 1;
  if (type === 0) return floatBits(op === "max" ? -Infinity : Infinity);
  if (type === 1) return op === "max" ? -2147483648 : 2147483647;
  return op === "max" ? 0 : -1;
}

/** True where most of what is read is contiguous along the last kept axis and not along the reduced ones. */
function foldsColumns(space: Space, inputs: number): boolean {
  const kept = space.barrier - 1;
  const last = space.rank - 1;
  if (kept < 0 || kept === last || space.dims[kept]! < 4) return false;
  let votes = 0;
  for (let v = 0; v < inputs; v++) {
    const alongKept = Math.abs(space.strides[v * maxRank + kept]!);
    const alongReduced = Math.abs(space.strides[v * maxRank + last]!);
    let elements = 1; // that differ
    for (let axis = 0; axis < space.rank; axis++) {
      if (space.strides[v * maxRank + axis] !== 0) elements *= space.dims[axis]!;
    }
    if (alongKept === 1 && alongReduced !== 1) votes += elements;
    else if (alongReduced === 1) votes -= elements;
  }
  return votes > 0;
}

function writeExtras(
  context: Context,
  { at }: ProgramBlock,
  op: ReduceOp,
  type: number,
  out: number,
  length: number,
  outputs: number,
  perTile: number,
  entry: number,
): void {
  const { i32 } = context.engine.heap;
  const extra = at + headerWords;
  i32[extra] = reduceNumber[op];
  i32[extra + 1] = type;
  i32[extra + 2] = out;
  i32[extra + 3] = length;
  i32[extra + 4] = outputs;
  i32[extra + 5] = perTile;
  i32[extra + 6] = entry;
}

export function reduce(launch: LaunchOf<"reduce">, context: Context): void {
  const { params, inputs, outputs, op: name } = launch;
  const { program, scalars, shape, reduceRank, op } = params;
  const { engine, programs, space } = context;
  const output = outputs[0]!;
  const kept = shape.length - reduceRank;
  const count = sizeOf(shape.slice(0, kept));
  const length = sizeOf(shape.slice(kept));
  if (count === 0) return;
  const type = typeNumber(computeType(output.dtype));
  if (output.dtype === "f16" || output.dtype === "bf16") {
    const wide = temporaryView(context, "f32", output.shape);
    reduce({ ...launch, outputs: [wide] }, context);
    copyView(context, wide, output);
    return;
  }
  const out = addressOf(output);
  if (length === 0) {
    const identity = identityBits(op, type);
    engine.onHost(() => engine.heap.i32.fill(identity, out >>> 2, (out >>> 2) + count));
    return;
  }
  const compiled = programs.get(engine, program, true);
  space.begin(name, shape);
  for (const input of inputs) space.add(input.strides);
  for (const axis of compiled.indexAxes) space.addIndex(axis);
  space.merge(shape, kept);
  if (space.rank === space.barrier) space.append(); // reducing axes of size 1 only
  const entry = compiled.valueEntry;
  const cost = count * length * compiled.nanosecondsPerElement;
  if (foldsColumns(space, inputs.length)) {
    space.moveLastKeptToEnd();
    const columns = space.dims[space.rank - 1]!;
    const probe = columns > 128 ? "rows" : "linear";
    const block = writeProgram(engine, compiled, space, inputs, [], scalars, probe, 3);
    // One strip: the rows of a block follow one another in the flat index.
    const strips = Math.max(1, block.rowBlocks);
    const perBlock = strips > 1 ? 1 : Math.max(1, Math.floor(block.block / columns));
    if (strips === 1) engine.heap.i32[block.at + 10] = 0;
    writeExtras(context, block, op, type, out, length, count, perBlock, entry);
    engine.job(engine.kernels.reduceColumns!, block.address, (count / columns) * strips, cost);
    return;
  }
  const inRows = space.rank === space.barrier + 1 && length >= 96;
  const layout = inRows && length > 512 ? "rows" : "linear";
  const block = writeProgram(engine, compiled, space, inputs, [], scalars, layout);
  const perTile = length <= block.block ? Math.floor(block.block / length) : 1;
  writeExtras(context, block, op, type, out, length, count, perTile, entry);
  engine.job(engine.kernels.reduceRows!, block.address, Math.ceil(count / perTile), cost);
}
