// Attention in one pass over the keys, for GPUs: scores live in registers and workgroup memory only. Where
// queries are few (decoding over a cache) the keys are cut in parts that are merged by a second launch, and
// heads that share their keys (latent attention in its absorbed form) are rows of one tile.

import type { Binding, LaunchOf } from "@sixtyone/tensor/backend";
import { declarations } from "../wgsl/storage.ts";
import { blockOf, type Context } from "./context.ts";
import {
  acrossText,
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

export const mostWidth = 576;
/** Keys in a part are at least so many. */
const shortestPart = 128;

export interface FlashOptions {
  readonly scale: number;
  readonly causal: boolean;
  readonly masked: boolean;
}

export interface FlashShape {
  readonly B: number;
  /** Heads that have keys of their own: H, or 1 where all share them. */
  readonly G: number;
  readonly H: number;
  readonly T: number;
  readonly S: number;
  /** Rows of a unit: T, or H · T. */
  readonly R: number;
}

export function flashShape(q: Binding, k: Binding, v: Binding): FlashShape {
  const [B, H, T] = q.shape as [number, number, number];
  const isShared = H > 1 && k.strides[1] === 0 && v.strides[1] === 0;
  return { B, H, T, S: k.shape[2]!, G: isShared ? 1 : H, R: isShared ? H * T : T };
}

export function flashNumbers(
  { scale, causal, masked }: FlashOptions,
  { B, G, H, T, S, R }: FlashShape,
  tiles: number,
  q: Binding,
  k: Binding,
  v: Binding,
  mask: Binding | undefined,
): number[] {
  const views = [q, k, v, mask].flatMap((view) =>
    view ? [view.offset, ...view.strides] : [0, 0, 0, 0, 0],
  );
  return [
    B,
    G,
    H,
    T,
    S,
    R,
    q.shape[3]!,
    v.shape[3]!,
    tiles,
    causal ? 1 : 0,
    masked ? 1 : 0,
    scale,
    ...views,
  ];
}

/** Rows of a thread: fewer where there are few, or where they are wide. */
function forwardTile(rows: number, perC: number): ScoreTile {
  const fits = perC > 16 ? 1 : perC > 8 ? 2 : 4;
  const perY = Math.min(fits, rows > 16 ? 4 : rows > 8 ? 2 : 1);
  return { perY, perX: 2 };
}

const perThread = (width: number): number => Math.ceil(width / threadsX);

/** The score of row y and column x after scaling and masking; −∞ where the query does not see the key. */
export function maskedText(tile: ScoreTile, name: string): string {
  return each(
    tile,
    (y, x) => `
    {
      let row = rowFirst + ty + ${y * threadsY}u;
      let key = keyFirst + tx + ${x * threadsX}u;
      let isSeen = row < P.R && key < keyEnd && key < seenBy(row % P.T);
      var score = P.scale * ${name}${y}_${x};
      if (isSeen && P.masked != 0u) { score = score + in3[maskAt(unit, row, key)]; }
      ${name}${y}_${x} = select(-infinity(), score, isSeen);
    }`,
  );
}

export function flashForward(
  { params, inputs, outputs }: LaunchOf<"attention">,
  context: Context,
): void {
  const { engine, tuning } = context;
  const [q, k, v, mask] = inputs as [Binding, Binding, Binding, Binding | undefined];
  const [o, lse] = outputs as [Binding, Binding];
  const shape = flashShape(q, k, v);
  const { B, G, R, S } = shape;
  const width = v.shape[3]!;
  const perC = perThread(width);
  const tile = forwardTile(R, perC);
  const rowTiles = Math.ceil(R / rowsOf(tile));
  const units = B * G;
  const wish = Math.ceil(tuning.groups / (units * rowTiles));
  const partLength = Math.max(
    shortestPart,
    Math.ceil(S / wish / columnsOf(tile)) * columnsOf(tile),
  );
  const parts = Math.max(1, Math.ceil(S / partLength));
  const isSplit = parts > 1;
  const rows = B * shape.H * shape.T;
  const partial = isSplit ? engine.temporary(parts * rows * width * 4) : blockOf(o);
  const state = isSplit ? engine.temporary(parts * rows * 8) : blockOf(lse);
  engine.dispatch({
    key: `flash ${tile.perY} ${perC} ${isSplit}`,
    shader: () => ({
      params: [...flashParams, "parts:u32", "partLength:u32", "o:u32", "lse:u32"],
      reads: ["f32", "f32", "f32", "f32"],
      writes: ["f32", isSplit ? "vec2<f32>" : "f32"],
      workgroup: threads,
      declarations:
        declarations(["special", "expF", "logF", "maxF"], false) +
        addressText +
        memoryText(tile, perC),
      body: forwardText(tile, perC, isSplit),
    }),
    params: [
      ...flashNumbers(params, shape, rowTiles, q, k, v, mask),
      parts,
      partLength,
      isSplit ? 0 : o.offset,
      isSplit ? 0 : lse.offset,
    ],
    // What is bound in the place of a missing mask is not read.
    reads: [blockOf(q), blockOf(k), blockOf(v), blockOf(mask ?? q)],
    writes: [partial, state],
    groups: units * rowTiles * parts,
  });
  if (isSplit) merge(context, { rows, width, parts }, partial, state, o, lse);
}

function forwardText(tile: ScoreTile, perC: number, isSplit: boolean): string {
  const [height, width] = [rowsOf(tile), columnsOf(tile)];
  const rows = range(tile.perY);
  const columns = range(perC);
  const outputs: ScoreTile = { perY: tile.perY, perX: perC };
  const store = rows.map(
    (y) => `
  {
    let row = rowFirst + ty + ${y * threadsY}u;
    if (row < P.R) {
      let at = part * (P.B * P.H * P.T) + flatRow(unit, row);
      let factor = ${isSplit ? "1.0" : `select(1.0 / total${y}, 0.0, highest${y} == -infinity())`};
${columns.map((c) => `      if (tx + ${c * threadsX}u < P.dv) { out0[P.o + at * P.dv + tx + ${c * threadsX}u] = o${y}_${c} * factor; }`).join("\n")}
      if (tx == 0u) { out1[P.lse + at] = ${isSplit ? `vec2<f32>(highest${y}, total${y})` : `select(highest${y} + logF(total${y}), -infinity(), highest${y} == -infinity())`}; }
    }
  }`,
  );
  return `
  let tx = lane % ${threadsX}u;
  let ty = lane / ${threadsX}u;
  let part = group % P.parts;
  let rowFirst = (group / P.parts) % P.tiles * ${height}u;
  let unit = group / P.parts / P.tiles;
  // The last key that any row of the tile sees. Rows of several heads see as many as the last query.
  let lastT = select(P.T, min(rowFirst + ${height}u, P.T), P.R == P.T) - 1u;
  let keyEnd = min((part + 1u) * P.partLength, seenBy(lastT));
${zeros(outputs, "o")}
${rows.map((y) => `  var highest${y} = -infinity();\n  var total${y} = 0.0;`).join("\n")}
  for (var keyFirst = part * P.partLength; keyFirst < keyEnd; keyFirst = keyFirst + ${width}u) {
${zeros(tile, "s")}
${scoresText(
  tile,
  "s",
  "P.dqk",
  { load: "in0[qAt(unit, rowFirst + line) + i32(d) * P.q3]", exists: "rowFirst + line < P.R" },
  { load: "in1[kAt(unit, keyFirst + line) + i32(d) * P.k3]", exists: "keyFirst + line < keyEnd" },
)}
${maskedText(tile, "s")}
${rows
  .map(
    (y) =>
      `    let own${y} = ${range(tile.perX)
        .map((x) => `s${y}_${x}`)
        .reduce((a, b) => `maxF(${a}, ${b})`)};`,
  )
  .join("\n")}
${acrossText(tile, "own", "best", (a, b) => `maxF(${a}, ${b})`)}
${rows
  .map(
    (y) => `
    let next${y} = maxF(highest${y}, best${y});
    let isBlind${y} = next${y} == -infinity();
    let fade${y} = select(expF(highest${y} - next${y}), 0.0, isBlind${y} || highest${y} == -infinity());
${range(tile.perX)
  .map(
    (x) =>
      `    s${y}_${x} = select(expF(s${y}_${x} - next${y}), 0.0, isBlind${y} || s${y}_${x} == -infinity());`,
  )
  .join("\n")}
    let sum${y} = ${range(tile.perX)
      .map((x) => `s${y}_${x}`)
      .join(" + ")};`,
  )
  .join("\n")}
${acrossText(tile, "sum", "all", (a, b) => `${a} + ${b}`)}
${rows.map((y) => `    highest${y} = next${y};\n    total${y} = total${y} * fade${y} + all${y};`).join("\n")}
${each(outputs, (y, c) => `    o${y}_${c} = o${y}_${c} * fade${y};`)}
${shareText(tile, "s")}
    workgroupBarrier();
${sumText(tile, "o", perC, "P.dv", {
  load: "in2[vAt(unit, keyFirst + line) + i32(column) * P.v3]",
  exists: "keyFirst + line < keyEnd",
})}
  }
${store.join("\n")}`;
}

interface Parts {
  readonly rows: number;
  readonly width: number;
  readonly parts: number;
}

/** One thread an element of the output: weighs the parts by their highest scores. */
function merge(
  { engine, tuning }: Context,
  { rows, width, parts }: Parts,
  partial: ReturnType<typeof blockOf>,
  state: ReturnType<typeof blockOf>,
  o: Binding,
  lse: Binding,
): void {
  engine.dispatch({
    key: "flash merge",
    shader: () => ({
      params: ["size:u32", "rows:u32", "width:u32", "parts:u32", "o:u32", "lse:u32"],
      reads: ["f32", "vec2<f32>"],
      writes: ["f32", "f32"],
      workgroup: tuning.workgroup,
      declarations: declarations(["special", "expF", "logF", "maxF"], false),
      body: `
  if (thread >= P.size) { return; }
  let row = thread / P.width;
  var highest = -infinity();
  for (var part = 0u; part < P.parts; part = part + 1u) { highest = maxF(highest, in1[part * P.rows + row].x); }
  var total = 0.0;
  var sum = 0.0;
  for (var part = 0u; part < P.parts; part = part + 1u) {
    let state = in1[part * P.rows + row];
    let factor = select(expF(state.x - highest), 0.0, state.x == -infinity());
    total = total + factor * state.y;
    sum = sum + factor * in0[part * P.size + thread];
  }
  let isBlind = highest == -infinity();
  out0[P.o + thread] = select(sum / total, 0.0, isBlind);
  if (thread % P.width == 0u) { out1[P.lse + row] = select(highest + logF(total), -infinity(), isBlind); }`,
    }),
    params: [rows * width, rows, width, parts, o.offset, lse.offset],
    reads: [partial, state],
    writes: [blockOf(o), blockOf(lse)],
    groups: Math.ceil((rows * width) / tuning.workgroup),
  });
}
