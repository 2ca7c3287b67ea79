// Launches argReduce: threads find the first extreme of their part of a row, then one thread a row picks
// among the parts. NaN wins, and equal values go to the smaller index, so the cut does not show.

import type { Binding, LaunchOf } from "@sixtyone/tensor/backend";
import { declarations } from "../wgsl/storage.ts";
import { blockOf, rowsOf, temporaryView, type Context } from "./context.ts";
import { asWords } from "./copy.ts";
import { partsFor } from "./reduce.ts";

/** `beats`: whether candidate (x, i) replaces (best, at). */
function beats(op: "max" | "min", dtype: string): string {
  const better = op === "max" ? "x > best" : "x < best";
  const text =
    dtype === "f32"
      ? `select(select(${better} || (x == best && i < at), false, isNan(best)), isNan(best) == false || i < at, isNan(x))`
      : `${better} || (x == best && i < at)`;
  return `fn beats(x: ${dtype}, i: u32, best: ${dtype}, at: u32) -> bool { return ${text}; }`;
}

export function argReduce(
  { params: { op }, inputs, outputs }: LaunchOf<"argReduce">,
  context: Context,
): void {
  const { engine, tuning } = context;
  const source = asWords(context, inputs[0]!);
  const dtype = source.dtype === "bool" ? "u32" : source.dtype;
  const { rows, length } = rowsOf(source);
  const parts = partsFor(tuning, rows, length);
  const first = parts > 1 ? temporaryView(context, "i32", [rows * parts]) : outputs[0]!;
  const compare = declarations(dtype === "f32" ? ["special"] : [], false) + beats(op, dtype);
  engine.dispatch({
    key: `argReduce ${op} ${dtype}`,
    shader: () => ({
      params: ["rows:u32", "length:u32", "parts:u32", "source:u32", "to:u32"],
      reads: [dtype],
      writes: ["i32"],
      workgroup: tuning.workgroup,
      declarations: compare,
      body: `
  if (thread >= P.rows * P.parts) { return; }
  let row = thread / P.parts;
  let start = P.source + row * P.length;
  var at = thread % P.parts;
  var best = in0[start + at];
  var i = at + P.parts;
  while (i < P.length) {
    let x = in0[start + i];
    if (beats(x, i, best, at)) { best = x; at = i; }
    i = i + P.parts;
  }
  out0[P.to + thread] = i32(at);`,
    }),
    params: [rows, length, parts, source.offset, first.offset],
    reads: [blockOf(source)],
    writes: [blockOf(first)],
    groups: Math.ceil((rows * parts) / tuning.workgroup),
  });
  if (parts > 1)
    pick(context, { op, dtype, rows, length, parts, compare }, source, first, outputs[0]!);
}

interface Work {
  readonly op: string;
  readonly dtype: string;
  readonly rows: number;
  readonly length: number;
  readonly parts: number;
  readonly compare: string;
}

function pick(
  { engine, tuning }: Context,
  work: Work,
  source: Binding,
  candidates: Binding,
  output: Binding,
): void {
  const { op, dtype, rows, length, parts, compare } = work;
  engine.dispatch({
    key: `argReduce pick ${op} ${dtype}`,
    shader: () => ({
      params: ["rows:u32", "length:u32", "parts:u32", "source:u32", "to:u32"],
      reads: [dtype, "i32"],
      writes: ["i32"],
      workgroup: tuning.workgroup,
      declarations: compare,
      body: `
  if (thread >= P.rows) { return; }
  let start = P.source + thread * P.length;
  var at = u32(in1[thread * P.parts]);
  var best = in0[start + at];
  for (var part = 1u; part < P.parts; part = part + 1u) {
    let i = u32(in1[thread * P.parts + part]);
    let x = in0[start + i];
    if (beats(x, i, best, at)) { best = x; at = i; }
  }
  out0[P.to + thread] = i32(at);`,
    }),
    params: [rows, length, parts, source.offset, output.offset],
    reads: [blockOf(source), blockOf(candidates)],
    writes: [blockOf(output)],
    groups: Math.ceil(rows / tuning.workgroup),
  });
}
