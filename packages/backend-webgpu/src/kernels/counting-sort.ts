// Launches countingSort, stable and without atomics: each part of the keys is counted by a thread of its
// own, the counts are scanned over bins and parts, and each thread then places its keys in order.

import { sizeOf, type LaunchOf } from "@sixtyone/tensor/backend";
import { blockOf, temporaryView, type Context } from "./context.ts";
import { asWords } from "./copy.ts";

const shortestPart = 32;
/** Parts times bins: the table of counts stays below 16 MiB. */
const mostCounts = 2 ** 22;

export function countingSort(
  { params: { bins }, inputs, outputs }: LaunchOf<"countingSort">,
  context: Context,
): void {
  const { engine, tuning } = context;
  const keys = asWords(context, inputs[0]!);
  const [order, offsets] = [outputs[0]!, outputs[1]!];
  const count = sizeOf(keys.shape);
  const mostParts = Math.max(1, Math.floor(mostCounts / Math.max(bins, 1)));
  const parts = Math.max(1, Math.min(tuning.threads, mostParts, Math.ceil(count / shortestPart)));
  const partLength = Math.max(1, Math.ceil(count / parts));
  // counts[part · bins + bin], then where the part's keys of that bin go.
  const counts = temporaryView(context, "u32", [parts * Math.max(bins, 1)]);
  const params = ["count:u32", "bins:u32", "parts:u32", "partLength:u32", "source:u32", "to:u32"];
  const numbers = [count, bins, parts, partLength, keys.offset];
  const partGroups = Math.ceil(parts / tuning.workgroup);
  const keyText = "u32(clamp(in0[P.source + i], 0, i32(P.bins) - 1))";
  const loop = `
  if (thread >= P.parts) { return; }
  let row = thread * P.bins;
  let end = min((thread + 1u) * P.partLength, P.count);`;
  engine.dispatch({
    key: "countingSort count",
    shader: () => ({
      params,
      reads: ["i32"],
      writes: ["u32"],
      workgroup: tuning.workgroup,
      body: `${loop}
  for (var bin = 0u; bin < P.bins; bin = bin + 1u) { out0[row + bin] = 0u; }
  for (var i = thread * P.partLength; i < end; i = i + 1u) {
    let at = row + ${keyText};
    out0[at] = out0[at] + 1u;
  }`,
    }),
    params: [...numbers, 0],
    reads: [blockOf(keys)],
    writes: [blockOf(counts)],
    groups: partGroups,
  });
  // Within each bin: how many keys stand in the parts before.
  const totals = temporaryView(context, "u32", [bins + 1]);
  engine.dispatch({
    key: "countingSort parts",
    shader: () => ({
      params,
      reads: [],
      writes: ["u32", "u32"],
      workgroup: tuning.workgroup,
      body: `
  if (thread >= P.bins) { return; }
  var total = 0u;
  for (var part = 0u; part < P.parts; part = part + 1u) {
    let at = part * P.bins + thread;
    let own = out0[at];
    out0[at] = total;
    total = total + own;
  }
  out1[thread] = total;`,
    }),
    params: [...numbers, 0],
    reads: [],
    writes: [blockOf(counts), blockOf(totals)],
    groups: Math.ceil(bins / tuning.workgroup),
  });
  engine.dispatch({
    key: "countingSort bins",
    shader: () => ({
      params,
      reads: ["u32"],
      writes: ["i32"],
      workgroup: 1,
      body: `
  var total = 0u;
  for (var bin = 0u; bin < P.bins; bin = bin + 1u) {
    out0[P.to + bin] = i32(total);
    total = total + in0[bin];
  }
  out0[P.to + P.bins] = i32(total);`,
    }),
    params: [...numbers, offsets.offset],
    reads: [blockOf(totals)],
    writes: [blockOf(offsets)],
    groups: 1,
  });
  if (count === 0) return;
  engine.dispatch({
    key: "countingSort place",
    shader: () => ({
      params: [...params, "starts:u32"],
      reads: ["i32", "i32"],
      writes: ["u32", "i32"],
      workgroup: tuning.workgroup,
      body: `${loop}
  for (var i = thread * P.partLength; i < end; i = i + 1u) {
    let key = ${keyText};
    let rank = out0[row + key];
    out0[row + key] = rank + 1u;
    out1[P.to + u32(in1[P.starts + key]) + rank] = i32(i);
  }`,
    }),
    params: [...numbers, order.offset, offsets.offset],
    reads: [blockOf(keys), blockOf(offsets)],
    writes: [blockOf(counts), blockOf(order)],
    groups: partGroups,
  });
}
