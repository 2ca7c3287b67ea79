// Launches reduce. A thread folds part of one output's elements; where outputs are few, several threads
// share one and a second launch folds their results. Without barriers and with neighbouring threads on
// neighbouring elements, this is near the memory's speed on GPUs and software adapters alike. The order
// of additions depends on the shape (and the adapter) only.

import {
  computeType,
  sizeOf,
  type Binding,
  type DType,
  type LaunchOf,
  type Program,
  type ReduceOp,
} from "@sixtyone/tensor/backend";
import type { Tuning } from "../tuning.ts";
import { printProgram, scalarValues } from "../wgsl/program.ts";
import { declarations, isHalf, loadText, readType, storeText, writeType } from "../wgsl/storage.ts";
import { blockOf, temporaryView, type Context } from "./context.ts";
import { foldNeeds, foldText, foldType, identityText, type FoldType } from "./fold.ts";
import {
  addressText,
  coordinateLines,
  dimParams,
  mergedSpace,
  plainSpace,
  strideParams,
  type Space,
} from "./space.ts";

/** A run shorter than this is not cut. */
const shortestPart = 64;
/** Threads that read next to each other, and how long a row must be for them. */
const neighbours = 32;
const sharedRow = 256;
/** Added up before they go into the total, which keeps the error near that of pairwise summation. */
const partial = 32;

/**
 * Into how many parts the elements of one output are cut. On GPUs the threads of a subgroup share a row that
 * they would otherwise read each on its own, at addresses far apart.
 */
export function partsFor(
  { threads, isSoftware }: Tuning,
  rows: number,
  length: number,
  across = false,
): number {
  const wish = Math.ceil(threads / Math.max(rows, 1));
  const parts = Math.min(wish, Math.ceil(length / shortestPart));
  const shares = !isSoftware && !across && length >= sharedRow;
  return Math.max(1, parts, shares ? neighbours : 1);
}

/** True where most of what is read lies next to each other along the last kept axis. */
function readsAcross({ dims, strides, barrier }: Space, inputs: number): boolean {
  const [kept, last] = [barrier - 1, dims.length - 1];
  if (kept < 0 || kept === last) return true;
  let votes = 0;
  for (let v = 0; v < inputs; v++) {
    const elements = dims.reduce((n, dim, axis) => (strides[v]![axis] === 0 ? n : n * dim), 1);
    if (Math.abs(strides[v]![kept]!) === 1) votes += elements;
    if (Math.abs(strides[v]![last]!) === 1) votes -= elements;
  }
  return votes > 0;
}

const sizeParams = ["rows:u32", "length:u32", "parts:u32"];

/** The loop of a thread over its part; `value` is the text that computes one element `j`. */
function loopText(
  op: ReduceOp,
  type: FoldType,
  across: boolean,
  lead: string,
  value: string,
  result: string,
): string {
  const fold = (a: string, b: string): string => foldText(op, type, a, b);
  return `
  if (thread >= P.rows * P.parts) { return; }
  let row = ${across ? "thread % P.rows" : "thread / P.parts"};
  let part = ${across ? "thread / P.rows" : "thread % P.parts"};
${lead}
  var total = ${identityText(op, type)};
  var j = part;
  while (j < P.length) {
    var sum = ${identityText(op, type)};
    for (var n = 0u; n < ${partial}u && j < P.length; n = n + 1u) {
${value}
      sum = ${fold("sum", result)};
      j = j + P.parts;
    }
    total = ${fold("total", "sum")};
  }`;
}

export function reduce({ params, inputs, outputs }: LaunchOf<"reduce">, context: Context): void {
  const { program, scalars, shape, reduceRank, op } = params;
  const kept = shape.length - reduceRank;
  const rows = sizeOf(shape.slice(0, kept));
  const length = sizeOf(shape.slice(kept));
  const makeSpace = program.usesIndex ? plainSpace : mergedSpace;
  const space = makeSpace(
    shape,
    inputs.map(({ strides }) => strides),
    kept,
  );
  const across = readsAcross(space, inputs.length);
  const parts = partsFor(context.tuning, rows, length, across);
  const output = outputs[0]!;
  const type = foldType(computeType(output.dtype));
  const first = parts > 1 ? temporaryView(context, type, [rows * parts]) : output;
  foldProgram(
    context,
    { program, scalars, op, type, rows, length, parts, space, across },
    inputs,
    first,
  );
  if (parts > 1) foldParts(context, op, type, rows, parts, first, output);
}

interface Work {
  readonly program: Program;
  readonly scalars: readonly number[];
  readonly op: ReduceOp;
  readonly type: FoldType;
  readonly rows: number;
  readonly length: number;
  readonly parts: number;
  readonly space: Space;
  readonly across: boolean;
}

function foldProgram(
  { engine, tuning }: Context,
  work: Work,
  inputs: readonly Binding[],
  output: Binding,
): void {
  const { program, scalars, op, type, rows, length, parts, space, across } = work;
  const { barrier } = space;
  const rank = space.dims.length;
  engine.dispatch({
    key: `reduce ${op} ${rank},${barrier} ${across} ${output.dtype} ${program.key}`,
    shader: () => {
      const printed = printProgram(
        program,
        (slot) =>
          loadText(
            `in${slot}`,
            program.inputs[slot]!,
            `u32(${addressText(slot, `b${slot}`, barrier, rank)})`,
          ),
        (axis) => `c${rank + axis}`,
      );
      const bases = inputs.map((_, v) => `  let b${v} = ${addressText(v, `P.o${v}`, 0, barrier)};`);
      const result =
        computeType(program.outputs[0]!.dtype) === "bool"
          ? `select(0u, 1u, ${printed.outputs[0]})`
          : printed.outputs[0]!;
      return {
        params: [
          ...sizeParams,
          "o:i32",
          ...dimParams(rank),
          ...inputs.flatMap((_, v) => [`o${v}:i32`, ...strideParams(v, rank)]),
          ...printed.scalars,
        ],
        reads: program.inputs.map(readType),
        writes: [writeType(output.dtype)],
        workgroup: tuning.workgroup,
        declarations: declarations(
          [...printed.needs, ...foldNeeds(op, type)],
          printed.hasHalves || isHalf(output.dtype),
        ),
        body:
          loopText(
            op,
            type,
            across,
            coordinateLines("row", 0, barrier) + bases.join("\n"),
            coordinateLines("j", barrier, rank) + printed.lines,
            result,
          ) + storeTotal(output.dtype, "part * P.rows + row"),
      };
    },
    params: [
      rows,
      length,
      parts,
      output.offset,
      ...space.dims,
      ...inputs.flatMap(({ offset }, v) => [offset, ...space.strides[v]!]),
      ...scalarValues(program, scalars),
    ],
    reads: inputs.map(blockOf),
    writes: [blockOf(output)],
    groups: Math.ceil((rows * parts) / tuning.workgroup),
  });
}

function storeTotal(dtype: DType, at: string): string {
  return `\n  ${storeText("out0", dtype, `u32(P.o) + ${at}`, dtype === "bool" ? "(total != 0u)" : "total")}`;
}

/** Folds the parts of each row: out[row] of in[part, row]. */
function foldParts(
  context: Context,
  op: ReduceOp,
  type: FoldType,
  rows: number,
  length: number,
  input: Binding,
  output: Binding,
): void {
  const { engine, tuning } = context;
  engine.dispatch({
    key: `fold ${op} ${type} ${output.dtype}`,
    shader: () => ({
      params: [...sizeParams, "o:i32"],
      reads: [type],
      writes: [writeType(output.dtype)],
      workgroup: tuning.workgroup,
      declarations: declarations(foldNeeds(op, type), isHalf(output.dtype)),
      body:
        loopText(op, type, true, "", "", "in0[j * P.rows + row]") + storeTotal(output.dtype, "row"),
    }),
    params: [rows, length, 1, output.offset],
    reads: [blockOf(input)],
    writes: [blockOf(output)],
    groups: Math.ceil(rows / tuning.workgroup),
  });
}
