// The backward pass of attention in one pass over the keys, for GPUs, without atomics: one kernel adds up the
// gradients of a tile of queries over the keys, another those of a tile of keys over the queries.

import type { Binding, LaunchOf } from "@sixtyone/tensor/backend";
import type { Block } from "../memory/pool.ts";
import { declarations } from "../wgsl/storage.ts";
import { blockOf, type Context } from "./context.ts";
import { flashNumbers, maskedText, type FlashShape } from "./flash.ts";
import {
  addressText,
  columnsOf,
  each,
  flashParams,
  memoryText,
  range,
  rowsOf,
  scoresText,
  shareText,
  sumText,
  threads,
  threadsX,
  threadsY,
  zeros,
  type ScoreTile,
} from "./flash-text.ts";

export const mostBackwardWidth = 256;

interface Views {
  readonly dout: Binding;
  readonly q: Binding;
  readonly k: Binding;
  readonly v: Binding;
  readonly lse: Binding;
  readonly mask: Binding | undefined;
  /** Σ_d do · o and the log of the sum of a row, f32 pairs in the order of lse. */
  readonly rows: Block;
}

const perThread = (width: number): number => Math.ceil(width / threadsX);
/** Wide heads take the registers of a second row. */
const backwardTile = (widths: number): ScoreTile => ({ perY: widths > 192 ? 1 : 2, perX: 1 });

/** Heads never share anything here: their gradients are apart. */
function unsharedShape({ q, k }: Views): FlashShape {
  const [B, H, T] = q.shape as [number, number, number];
  return { B, H, T, S: k.shape[2]!, G: H, R: T };
}

const sides = {
  q: { load: "in0[qAt(unit, rowFirst + line) + i32(d) * P.q3]", exists: "rowFirst + line < P.T" },
  k: { load: "in1[kAt(unit, keyFirst + line) + i32(d) * P.k3]", exists: "keyFirst + line < P.S" },
  v: { load: "in2[vAt(unit, keyFirst + line) + i32(d) * P.v3]", exists: "keyFirst + line < P.S" },
  dout: {
    load: "in4[P.dout + flatRow(unit, rowFirst + line) * P.dv + d]",
    exists: "rowFirst + line < P.T",
  },
};

const params = [...flashParams, "dout:u32"];
const reads = ["f32", "f32", "f32", "f32", "f32", "vec2<f32>"];

/** dq of 8 or 16 queries: ds · k over the keys they see. */
function queryText(tile: ScoreTile, perC: number): string {
  const outputs: ScoreTile = { perY: tile.perY, perX: perC };
  const rows = range(tile.perY);
  return `
  let tx = lane % ${threadsX}u;
  let ty = lane / ${threadsX}u;
  let rowFirst = group % P.tiles * ${rowsOf(tile)}u;
  let unit = group / P.tiles;
  let keyEnd = seenBy(min(rowFirst + ${rowsOf(tile)}u, P.T) - 1u);
${rows.map((y) => `  var state${y} = vec2<f32>();\n  if (rowFirst + ty + ${y * threadsY}u < P.T) { state${y} = in5[flatRow(unit, rowFirst + ty + ${y * threadsY}u)]; }`).join("\n")}
${zeros(outputs, "o")}
  for (var keyFirst = 0u; keyFirst < keyEnd; keyFirst = keyFirst + ${columnsOf(tile)}u) {
${zeros(tile, "s")}
${zeros(tile, "g")}
${scoresText(tile, "s", "P.dqk", sides.q, sides.k)}
${scoresText(tile, "g", "P.dv", sides.dout, sides.v)}
${maskedText(tile, "s")}
${each(tile, (y, x) => `    s${y}_${x} = select(P.scale * expF(s${y}_${x} - state${y}.y) * (g${y}_${x} - state${y}.x), 0.0, s${y}_${x} == -infinity() || state${y}.y == -infinity());`)}
${shareText(tile, "s")}
    workgroupBarrier();
${sumText(tile, "o", perC, "P.dqk", {
  load: "in1[kAt(unit, keyFirst + line) + i32(column) * P.k3]",
  exists: "keyFirst + line < P.S",
})}
  }
${rows
  .map(
    (y) => `
  if (rowFirst + ty + ${y * threadsY}u < P.T) {
    let at = P.dq + flatRow(unit, rowFirst + ty + ${y * threadsY}u) * P.dqk;
${range(perC)
  .map(
    (c) =>
      `    if (tx + ${c * threadsX}u < P.dqk) { out0[at + tx + ${c * threadsX}u] = o${y}_${c}; }`,
  )
  .join("\n")}
  }`,
  )
  .join("\n")}`;
}

/** dk and dv of 8 or 16 keys: dsᵀ · q and pᵀ · do over the queries that see them. */
function keyText(tile: ScoreTile, perK: number, perV: number): string {
  const rows = range(tile.perY);
  const store = (name: string, to: string, per: number, width: string, out: string): string =>
    rows
      .map(
        (y) => `
  if (keyFirst + ty + ${y * threadsY}u < P.S) {
    let at = P.${to} + (unit * P.S + keyFirst + ty + ${y * threadsY}u) * ${width};
${range(per)
  .map(
    (c) =>
      `    if (tx + ${c * threadsX}u < ${width}) { ${out}[at + tx + ${c * threadsX}u] = ${name}${y}_${c}; }`,
  )
  .join("\n")}
  }`,
      )
      .join("\n");
  // Rows of the tile are keys here and columns are queries.
  const score = (y: number, x: number): string => `
    {
      let key = keyFirst + ty + ${y * threadsY}u;
      let row = rowFirst + tx + ${x * threadsX}u;
      let isRow = row < P.T;
      let isSeen = isRow && key < seenBy(row);
      var score = P.scale * s${y}_${x};
      if (isSeen && P.masked != 0u) { score = score + in3[maskAt(unit, row, key)]; }
      var state = vec2<f32>();
      if (isRow) { state = in5[flatRow(unit, row)]; }
      let isHidden = !isSeen || state.y == -infinity();
      s${y}_${x} = select(expF(score - state.y), 0.0, isHidden);
      g${y}_${x} = select(P.scale * s${y}_${x} * (g${y}_${x} - state.x), 0.0, isHidden);
    }`;
  return `
  let tx = lane % ${threadsX}u;
  let ty = lane / ${threadsX}u;
  let keyFirst = group % P.tiles * ${rowsOf(tile)}u;
  let unit = group / P.tiles;
  // Queries before it see none of these keys.
  let firstRow = select(0u, u32(max(0, i32(keyFirst) + i32(P.T) - i32(P.S))), P.causal != 0u) / ${columnsOf(tile)}u * ${columnsOf(tile)}u;
${zeros({ perY: tile.perY, perX: perK }, "o")}
${zeros({ perY: tile.perY, perX: perV }, "w")}
  for (var rowFirst = firstRow; rowFirst < P.T; rowFirst = rowFirst + ${columnsOf(tile)}u) {
${zeros(tile, "s")}
${zeros(tile, "g")}
${scoresText(tile, "s", "P.dqk", sides.k, sides.q)}
${scoresText(tile, "g", "P.dv", sides.v, sides.dout)}
${each(tile, score)}
${shareText(tile, "s")}
    workgroupBarrier();
${sumText(tile, "w", perV, "P.dv", {
  load: "in4[P.dout + flatRow(unit, rowFirst + line) * P.dv + column]",
  exists: "rowFirst + line < P.T",
})}
${shareText(tile, "g")}
    workgroupBarrier();
${sumText(tile, "o", perK, "P.dqk", {
  load: "in0[qAt(unit, rowFirst + line) + i32(column) * P.q3]",
  exists: "rowFirst + line < P.T",
})}
  }
${store("o", "dk", perK, "P.dqk", "out0")}
${store("w", "dvTo", perV, "P.dv", "out1")}`;
}

/** `rows`: what flash-rows wrote. All gradients are contiguous. */
export function flashBackward(
  { params: options }: LaunchOf<"attentionBackward">,
  { engine }: Context,
  views: Views,
  [dq, dk, dv]: readonly [Binding, Binding, Binding],
): void {
  const { q, k, v, dout, mask, rows } = views;
  const shape = unsharedShape(views);
  const { B, H, T, S } = shape;
  const [perK, perV] = [perThread(q.shape[3]!), perThread(v.shape[3]!)];
  const tile = backwardTile(q.shape[3]! + v.shape[3]!);
  const inputs = [q, k, v, mask ?? q, dout].map(blockOf);
  const needs = declarations(["special", "expF"], false) + addressText;
  const queryTiles = Math.ceil(T / rowsOf(tile));
  engine.dispatch({
    key: `flash backward q ${tile.perY} ${perK}`,
    shader: () => ({
      params: [...params, "dq:u32"],
      reads,
      writes: ["f32"],
      workgroup: threads,
      declarations: needs + memoryText(tile, perK),
      body: queryText(tile, perK),
    }),
    params: [...flashNumbers(options, shape, queryTiles, q, k, v, mask), dout.offset, dq.offset],
    reads: [...inputs, rows],
    writes: [blockOf(dq)],
    groups: B * H * queryTiles,
  });
  const keyTiles = Math.ceil(S / rowsOf(tile));
  engine.dispatch({
    key: `flash backward k ${tile.perY} ${perK} ${perV}`,
    shader: () => ({
      params: [...params, "dk:u32", "dvTo:u32"],
      reads,
      writes: ["f32", "f32"],
      workgroup: threads,
      declarations: needs + memoryText(tile, Math.max(perK, perV)),
      body: keyText(tile, perK, perV),
    }),
    params: [
      ...flashNumbers(options, shape, keyTiles, q, k, v, mask),
      dout.offset,
      dk.offset,
      dv.offset,
    ],
    reads: [...inputs, rows],
    writes: [blockOf(dk), blockOf(dv)],
    groups: B * H * keyTiles,
  });
}
