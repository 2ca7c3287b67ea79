// The WGSL of matrix products: every thread keeps a small tile of C in registers. Two ways to feed it:
// "shared" stages tiles of A and B in workgroup memory (GPUs), "direct" reads them from global memory
// without any barrier (software adapters, and products too thin for staging to pay).

import type { DType } from "@sixtyone/tensor/backend";
import type { Shader } from "../launch/shader.ts";
import { declarations, isHalf, loadText, readType } from "../wgsl/storage.ts";
import { coordinateLines } from "./space.ts";

/** What decides rows and depth: plain sizes, groups of rows of A, or groups of rows as depth. */
export type Grouping = "none" | "rows" | "depth";

export interface TileShape {
  readonly way: "shared" | "direct";
  /** Threads along columns and rows of the workgroup's tile. */
  readonly threadsX: number;
  readonly threadsY: number;
  /** Columns and rows of a thread. */
  readonly perX: number;
  readonly perY: number;
  /** Depth of a staged tile. */
  readonly depth: number;
}

export interface ProductKind {
  readonly tile: TileShape;
  readonly a: DType;
  readonly b: DType;
  readonly batchRank: number;
  readonly grouping: Grouping;
  /** Whether staging A (B) should walk along its depth, where it is contiguous. */
  readonly aAlongDepth: boolean;
  readonly bAlongDepth: boolean;
}

export function kindKey({ tile, a, b, batchRank, grouping, aAlongDepth, bAlongDepth }: ProductKind): string {
  const { way, threadsX, threadsY, perX, perY, depth } = tile;
  const shape = `${way} ${threadsX}x${threadsY} ${perX}x${perY} ${depth}`;
  return `matmul ${shape} ${a} ${b} ${batchRank} ${grouping} ${Number(aAlongDepth)}${Number(bAlongDepth)}`;
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

export function productParams(batchRank: number): string[] {
  return [
    "rows:u32", "columns:u32", "inner:u32", "tilesX:u32", "tilesY:u32", "splits:u32", "splitInner:u32",
    "a:i32", "aRow:i32", "aInner:i32", "b:i32", "bInner:i32", "bColumn:i32", "c:u32", "cRow:u32",
    "cBatch:u32", "accumulate:u32", "bGroup:i32", "offsets:u32", "groups:u32", "splitSize:u32",
    ...range(batchRank).flatMap((i) => [`d${i}:u32`, `ta${i}:i32`, `tb${i}:i32`]),
  ];
}

/** Which tile of C this workgroup has, and the part of K. */
function placement({ tile, batchRank, grouping }: ProductKind): string {
  const tileRows = tile.threadsY * tile.perY;
  const tileColumns = tile.threadsX * tile.perX;
  const axes = range(batchRank);
  const batch = `${coordinateLines("z", 0, batchRank)}
  let aBatch = ${["0", ...axes.map((i) => `i32(c${i}) * P.ta${i}`)].join(" + ")};
  let bBatch = ${["0", ...axes.map((i) => `i32(c${i}) * P.tb${i}`)].join(" + ")};`;
  const groupOfRows = `
  // Tiles are counted group by group; there are more workgroups than tiles.
  var tile = tileY;
  var found = 0u;
  var rowFirst = 0u;
  var rowEnd = 0u;
  for (var e = 0u; e < P.groups; e = e + 1u) {
    let first = u32(in2[P.offsets + e]);
    let end = u32(in2[P.offsets + e + 1u]);
    let tiles = (end - first + ${tileRows - 1}u) / ${tileRows}u;
    if (tile < tiles) { found = e; rowFirst = first + tile * ${tileRows}u; rowEnd = end; break; }
    tile = tile - tiles;
  }
  if (rowEnd == 0u) { return; }`;
  return `
  var g = group;
  let tileX = g % P.tilesX; g = g / P.tilesX;
  let tileY = g % P.tilesY; g = g / P.tilesY;
  let split = g % P.splits;
  let z = g / P.splits;
${grouping === "rows" ? groupOfRows : `  let rowFirst = tileY * ${tileRows}u;\n  let rowEnd = P.rows;`}
  let columnFirst = tileX * ${tileColumns}u;
${batch}
${
  grouping === "depth"
    ? `  var innerFirst = u32(in2[P.offsets + z]);\n  let innerEnd = u32(in2[P.offsets + z + 1u]);`
    : `  var innerFirst = split * P.splitInner;\n  let innerEnd = min(innerFirst + P.splitInner, P.inner);`
}
  let aBase = P.a + aBatch;
  let bBase = P.b + bBatch${grouping === "rows" ? " + i32(found) * P.bGroup" : ""};
  let cBase = P.c + z * P.cBatch + split * P.splitSize;`;
}

function store({ tile }: ProductKind): string {
  let text = "";
  for (const y of range(tile.perY)) {
    text += `\n  { let row = rowFirst + ${rowOf(tile, y)}; if (row < rowEnd) {`;
    for (const x of range(tile.perX)) {
      text += `
    { let column = columnFirst + ${columnOf(tile, x)};
      if (column < P.columns) {
        let at = cBase + row * P.cRow + column;
        var value = s${y}_${x};
        if (P.accumulate != 0u) { value = value + out0[at]; }
        out0[at] = value;
      } }`;
    }
    text += "\n  } }";
  }
  return text;
}

/** Neighbouring threads have neighbouring columns, so that they read and write neighbouring words. */
const columnOf = ({ threadsX }: TileShape, x: number): string => `tx + ${x * threadsX}u`;
const rowOf = ({ threadsY }: TileShape, y: number): string => `ty + ${y * threadsY}u`;

function sums({ perX, perY }: TileShape): string {
  return range(perY).flatMap((y) => range(perX).map((x) => `  var s${y}_${x} = 0.0;`)).join("\n");
}

function multiplyAdd({ perX, perY }: TileShape): string {
  return range(perY)
    .flatMap((y) => range(perX).map((x) => `    s${y}_${x} = s${y}_${x} + a${y} * b${x};`))
    .join("\n");
}

/** Rows and columns beyond the end read the last one; what they give is not stored. */
function directLoop({ tile, a, b }: ProductKind): string {
  const rows = range(tile.perY);
  const columns = range(tile.perX);
  return `
${rows.map((y) => `  var pa${y} = aBase + i32(min(rowFirst + ${rowOf(tile, y)}, rowEnd - 1u)) * P.aRow + i32(innerFirst) * P.aInner;`).join("\n")}
${columns.map((x) => `  var pb${x} = bBase + i32(min(columnFirst + ${columnOf(tile, x)}, P.columns - 1u)) * P.bColumn + i32(innerFirst) * P.bInner;`).join("\n")}
  for (var k = innerFirst; k < innerEnd; k = k + 1u) {
${rows.map((y) => `    let a${y} = ${loadText("in0", a, `u32(pa${y})`)}; pa${y} = pa${y} + P.aInner;`).join("\n")}
${columns.map((x) => `    let b${x} = ${loadText("in1", b, `u32(pb${x})`)}; pb${x} = pb${x} + P.bInner;`).join("\n")}
${multiplyAdd(tile)}
  }`;
}

function sharedLoop({ tile, a, b, aAlongDepth, bAlongDepth }: ProductKind): string {
  const { threadsX, threadsY, perX, perY, depth } = tile;
  const threads = threadsX * threadsY;
  const [tileRows, tileColumns] = [threadsY * perY, threadsX * perX];
  const stage = (
    name: string, buffer: string, dtype: DType, size: number, along: boolean, first: string,
    end: string, address: string,
  ): string => `
    for (var i = lane; i < ${size * depth}u; i = i + ${threads}u) {
      let d = ${along ? `i % ${depth}u` : `i / ${size}u`};
      let l = ${along ? `i / ${depth}u` : `i % ${size}u`};
      let k = innerFirst + d;
      let line = ${first} + l;
      var value = 0.0;
      if (k < innerEnd && line < ${end}) { value = ${loadText(buffer, dtype, `u32(${address})`)}; }
      ${name}[d * ${size + 1}u + l] = value;
    }`;
  return `
  loop {
    if (innerFirst >= innerEnd) { break; }
${stage("sa", "in0", a, tileRows, aAlongDepth, "rowFirst", "rowEnd", "aBase + i32(line) * P.aRow + i32(k) * P.aInner")}
${stage("sb", "in1", b, tileColumns, bAlongDepth, "columnFirst", "P.columns", "bBase + i32(line) * P.bColumn + i32(k) * P.bInner")}
    workgroupBarrier();
    for (var d = 0u; d < ${depth}u; d = d + 1u) {
${range(perY).map((y) => `    let a${y} = sa[d * ${tileRows + 1}u + ${rowOf(tile, y)}];`).join("\n")}
${range(perX).map((x) => `    let b${x} = sb[d * ${tileColumns + 1}u + ${columnOf(tile, x)}];`).join("\n")}
${multiplyAdd(tile)}
    }
    workgroupBarrier();
    innerFirst = innerFirst + ${depth}u;
  }`;
}

export function productShader(kind: ProductKind): Omit<Shader, "key"> {
  const { tile, a, b, batchRank, grouping } = kind;
  const { way, threadsX, threadsY, perX, perY, depth } = tile;
  const shared =
    `\nvar<workgroup> sa: array<f32, ${depth * (threadsY * perY + 1)}>;` +
    `\nvar<workgroup> sb: array<f32, ${depth * (threadsX * perX + 1)}>;`;
  return {
    params: productParams(batchRank),
    reads: [readType(a), readType(b), ...(grouping === "none" ? [] : ["i32"])],
    writes: ["f32"],
    workgroup: threadsX * threadsY,
    declarations: declarations([], isHalf(a) || isHalf(b)) + (way === "shared" ? shared : ""),
    body: `${placement(kind)}
  let tx = lane % ${threadsX}u;
  let ty = lane / ${threadsX}u;
${sums(tile)}
${way === "shared" ? sharedLoop(kind) : directLoop(kind)}
${store(kind)}`,
  };
}
