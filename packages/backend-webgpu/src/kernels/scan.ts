// Launches scan in three steps: every part of a row is folded, the parts' results are scanned, and each
// part is scanned again from what stands before it. Short rows, or many, need only the last.

import type { LaunchOf, ReduceOp } from "@sixtyone/tensor/backend";
import { declarations } from "../wgsl/storage.ts";
import { blockOf, rowsOf, temporaryView, type Context } from "./context.ts";
import { asWords, wordsFor } from "./copy.ts";
import { foldNeeds, foldText, identityText, type FoldType } from "./fold.ts";

const shortestPart = 64;

export function scan({ params, inputs, outputs }: LaunchOf<"scan">, context: Context): void {
  const { engine, tuning } = context;
  const { op, exclusive, reverse } = params;
  const source = asWords(context, inputs[0]!);
  const { words, finish } = wordsFor(context, outputs[0]!);
  const { rows, length } = rowsOf(source);
  if (rows === 0 || length === 0) return;
  const type: FoldType = source.dtype === "f32" ? "f32" : source.dtype === "i32" ? "i32" : "u32";
  const wish = Math.ceil(tuning.threads / rows);
  const partLength = Math.max(shortestPart, Math.ceil(length / wish));
  const parts = Math.ceil(length / partLength);
  const starts = temporaryView(context, type, [rows * parts]);
  const common = {
    params: ["rows:u32", "length:u32", "parts:u32", "partLength:u32", "source:u32", "to:u32"],
    workgroup: tuning.workgroup,
    declarations: declarations(foldNeeds(op, type), false),
  };
  const numbers = [rows, length, parts, partLength, source.offset, words.offset];
  const groups = Math.ceil((rows * parts) / tuning.workgroup);
  const at = reverse ? "(P.length - 1u - k)" : "k";
  const bounds = `
  if (thread >= P.rows * P.parts) { return; }
  let row = thread / P.parts;
  let first = (thread % P.parts) * P.partLength;
  let end = min(first + P.partLength, P.length);`;
  if (parts > 1) {
    engine.dispatch({
      key: `scan fold ${op} ${type} ${reverse}`,
      shader: () => ({
        ...common,
        reads: [type],
        writes: [type],
        body: `${bounds}
  var total = ${identityText(op, type)};
  for (var k = first; k < end; k = k + 1u) {
    total = ${foldText(op, type, "total", `in0[P.source + row * P.length + ${at}]`)};
  }
  out0[thread] = total;`,
      }),
      params: numbers,
      reads: [blockOf(source)],
      writes: [blockOf(starts)],
      groups,
    });
  }
  scanParts(context, op, type, rows, parts, starts);
  engine.dispatch({
    key: `scan ${op} ${type} ${exclusive} ${reverse}`,
    shader: () => ({
      ...common,
      reads: [type, type],
      writes: [type],
      body: `${bounds}
  var total = in1[thread];
  for (var k = first; k < end; k = k + 1u) {
    let next = ${foldText(op, type, "total", `in0[P.source + row * P.length + ${at}]`)};
    out0[P.to + row * P.length + ${at}] = ${exclusive ? "total" : "next"};
    total = next;
  }`,
    }),
    params: numbers,
    reads: [blockOf(source), blockOf(starts)],
    writes: [blockOf(words)],
    groups,
  });
  finish();
}

/** What stands before each part, in place. */
function scanParts(
  { engine, tuning }: Context,
  op: ReduceOp,
  type: FoldType,
  rows: number,
  parts: number,
  starts: Parameters<typeof blockOf>[0],
): void {
  engine.dispatch({
    key: `scan parts ${op} ${type}`,
    shader: () => ({
      params: ["rows:u32", "parts:u32"],
      reads: [],
      writes: [type],
      workgroup: tuning.workgroup,
      declarations: declarations(foldNeeds(op, type), false),
      body: `
  if (thread >= P.rows) { return; }
  var total = ${identityText(op, type)};
  for (var part = 0u; part < P.parts; part = part + 1u) {
    let at = thread * P.parts + part;
    let own = out0[at];
    out0[at] = total;
    total = ${foldText(op, type, "total", "own")};
  }`,
    }),
    params: [rows, parts],
    reads: [],
    writes: [blockOf(starts)],
    groups: Math.ceil(rows / tuning.workgroup),
  });
}
