// The inner loops of products, one for each way of feeding the registers. They find `aBase`, `bBase`,
// `rowFirst`, `rowEnd`, `columnFirst`, `innerFirst` and `innerEnd`, and leave the sums in `s{row}_{column}`.

import { operandText, type KindWith } from "./product-kind.ts";
import { stageTiles } from "./product-staging.ts";
import type { ThreadTile } from "./tiles.ts";

type ThreadKind = KindWith<ThreadTile>;

export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Neighbouring threads have neighbouring columns, so that they read and write neighbouring words. */
export function columnOf({ way, threadsX }: ThreadTile, x: number): string {
  return way === "dot" ? `${x}u` : `tx + ${x * threadsX}u`;
}

export function rowOf({ threadsY }: ThreadTile, y: number): string {
  return threadsY === 1 ? `${y}u` : `ty + ${y * threadsY}u`;
}

export function sums({ perX, perY }: ThreadTile): string {
  return range(perY)
    .flatMap((y) => range(perX).map((x) => `  var s${y}_${x} = 0.0;`))
    .join("\n");
}

function multiplyAdd({ perX, perY }: ThreadTile): string {
  return range(perY)
    .flatMap((y) => range(perX).map((x) => `    s${y}_${x} = s${y}_${x} + a${y} * b${x};`))
    .join("\n");
}

const loadA = (kind: ThreadKind, at: string): string =>
  operandText("in0", kind.a, kind, `u32(${at})`);
const loadB = (kind: ThreadKind, at: string): string =>
  operandText("in1", kind.b, kind, `u32(${at})`);

/** Rows and columns beyond the end read the last one; what they give is not stored. */
const startA = (row: string, inner: string): string =>
  `aBase + i32(min(rowFirst + ${row}, rowEnd - 1u)) * P.aRow + i32(${inner}) * P.aInner`;
const startB = (column: string, inner: string): string =>
  `bBase + i32(min(columnFirst + ${column}, P.columns - 1u)) * P.bColumn + i32(${inner}) * P.bInner`;

const pointersB = (tile: ThreadTile, inner: string): string =>
  range(tile.perX)
    .map((x) => `  var pb${x} = ${startB(columnOf(tile, x), inner)};`)
    .join("\n");
const stepB = (kind: ThreadKind): string =>
  range(kind.tile.perX)
    .map((x) => `    let b${x} = ${loadB(kind, `pb${x}`)}; pb${x} = pb${x} + P.bInner;`)
    .join("\n");

export function directLoop(kind: ThreadKind): string {
  const { tile } = kind;
  const rows = range(tile.perY);
  return `
${rows.map((y) => `  var pa${y} = ${startA(rowOf(tile, y), "innerFirst")};`).join("\n")}
${pointersB(tile, "innerFirst")}
  for (var k = innerFirst; k < innerEnd; k = k + 1u) {
${rows.map((y) => `    let a${y} = ${loadA(kind, `pa${y}`)}; pa${y} = pa${y} + P.aInner;`).join("\n")}
${stepB(kind)}
${multiplyAdd(tile)}
  }`;
}

/**
 * Every thread of the subgroup loads another row of A (or another depth of it, where rows are few), and all
 * get each by a broadcast: of the `perY` loads a step only one in `threadsX` is left. `tile.depth` steps of an
 * operand are loaded together where they lie together: their cache line may not last until the next.
 */
export function subgroupLoop(kind: ThreadKind): string {
  const { tile } = kind;
  const { threadsX: lanes, perY } = tile;
  const rows = Math.min(lanes, perY);
  // Depths that the threads of one load have, and loads a step.
  const spread = lanes / rows;
  const unrolled = spread > 1 ? 1 : Math.max(1, tile.depth);
  const loads = range(Math.ceil(perY / lanes));
  const depth = spread * unrolled;
  // Steps beyond the end add 0 · 0; a read beyond a buffer gives some element of it.
  const within = (load: string, at: string): string =>
    depth === 1 ? load : `select(0.0, ${load}, ${at} < innerEnd)`;
  const lead = spread > 1 ? ` + lane / ${rows}u` : "";
  const loadsOfA = loads
    .flatMap((i) =>
      range(unrolled).map(
        (u) =>
          `    let la${i}_${u} = ${within(loadA(kind, `pa${i}`), `k + ${u}u${lead}`)}; pa${i} = pa${i} + ${spread} * P.aInner;`,
      ),
    )
    .join("\n");
  const loadsOfB = range(tile.perX)
    .flatMap((x) =>
      range(depth).map(
        (u) =>
          `    let b${x}_${u} = ${within(loadB(kind, `pb${x}`), `k + ${u}u`)}; pb${x} = pb${x} + P.bInner;`,
      ),
    )
    .join("\n");
  // Step `u` of what was loaded, at depth `d` of the threads.
  const step = (u: number, d: number): string => {
    const broadcasts = range(perY)
      .map(
        (y) =>
          `    let a${y} = subgroupBroadcast(la${Math.floor(y / lanes)}_${u}, ${d * rows + (y % lanes)}u);`,
      )
      .join("\n");
    const values = range(tile.perX)
      .map((x) => `    let b${x} = b${x}_${u + d};`)
      .join("\n");
    return `    {\n${broadcasts}\n${values}\n${multiplyAdd(tile)}\n    }`;
  };
  const steps =
    spread > 1 ? range(spread).map((d) => step(0, d)) : range(unrolled).map((u) => step(u, 0));
  return `
${loads.map((i) => `  var pa${i} = ${startA(`${i * lanes}u + lane % ${rows}u`, `innerFirst${lead}`)};`).join("\n")}
${pointersB(tile, "innerFirst")}
  for (var k = innerFirst; k < innerEnd; k = k + ${depth}u) {
${loadsOfA}
${loadsOfB}
${steps.join("\n")}
  }`;
}

/** The threads take turns along the depth; what each has is added up in workgroup memory, in order. */
export function dotLoop(kind: ThreadKind): string {
  const { tile, subgroup } = kind;
  const { threadsX: threads, perX, perY } = tile;
  const usesSubgroups = subgroup > 1 && subgroup <= threads && threads % subgroup === 0;
  const parts = usesSubgroups ? threads / subgroup : threads;
  const part = usesSubgroups ? `lane / ${subgroup}u` : "lane";
  const each = (text: (y: number, x: number) => string): string =>
    range(perY)
      .flatMap((y) => range(perX).map((x) => text(y, x)))
      .join("\n");
  const value = (y: number, x: number): string =>
    usesSubgroups ? `subgroupAdd(s${y}_${x})` : `s${y}_${x}`;
  const write = (y: number, x: number): string =>
    `${usesSubgroups ? `if (lane % ${subgroup}u == 0u) ` : ""}{ sa[${part} * ${perX * perY}u + ${y * perX + x}u] = t${y}_${x}; }`;
  return `
${range(perY)
  .map((y) => `  var pa${y} = ${startA(`${y}u`, "innerFirst + lane")};`)
  .join("\n")}
${pointersB(tile, "innerFirst + lane")}
  for (var k = innerFirst + lane; k < innerEnd; k = k + ${threads}u) {
${range(perY)
  .map((y) => `    let a${y} = ${loadA(kind, `pa${y}`)}; pa${y} = pa${y} + ${threads} * P.aInner;`)
  .join("\n")}
${range(perX)
  .map((x) => `    let b${x} = ${loadB(kind, `pb${x}`)}; pb${x} = pb${x} + ${threads} * P.bInner;`)
  .join("\n")}
${multiplyAdd(tile)}
  }
${each((y, x) => `  let t${y}_${x} = ${value(y, x)};`)}
${each((y, x) => `  ${write(y, x)}`)}
  workgroupBarrier();
  if (lane > 0u) { return; }
${each((y, x) => `  s${y}_${x} = 0.0;`)}
  for (var part = 0u; part < ${parts}u; part = part + 1u) {
${each((y, x) => `    s${y}_${x} = s${y}_${x} + sa[part * ${perX * perY}u + ${y * perX + x}u];`)}
  }`;
}

export function dotMemory({ tile, subgroup }: ThreadKind): string {
  const { threadsX: threads, perX, perY } = tile;
  const usesSubgroups = subgroup > 1 && subgroup <= threads && threads % subgroup === 0;
  return `\nvar<workgroup> sa: array<f32, ${(usesSubgroups ? threads / subgroup : threads) * perX * perY}>;`;
}

export function sharedLoop(kind: ThreadKind): string {
  const { tile } = kind;
  const { threadsX, threadsY, perX, perY, depth } = tile;
  const [tileRows, tileColumns] = [threadsY * perY, threadsX * perX];
  return `
  loop {
    if (innerFirst >= innerEnd) { break; }
${stageTiles(kind, {
  threads: threadsX * threadsY,
  depth,
  rows: tileRows,
  columns: tileColumns,
  scalar: "f32",
  // Transposed, so that threads of a row read one word.
  slot: (side, d, line) => `${d} * ${(side === "a" ? tileRows : tileColumns) + 1}u + ${line}`,
})}
    workgroupBarrier();
    for (var d = 0u; d < ${depth}u; d = d + 1u) {
${range(perY)
  .map((y) => `    let a${y} = sa[d * ${tileRows + 1}u + ${rowOf(tile, y)}];`)
  .join("\n")}
${range(perX)
  .map((x) => `    let b${x} = sb[d * ${tileColumns + 1}u + ${columnOf(tile, x)}];`)
  .join("\n")}
${multiplyAdd(tile)}
    }
    workgroupBarrier();
    innerFirst = innerFirst + ${depth}u;
  }`;
}

export function sharedMemory({ tile }: ThreadKind): string {
  const { threadsX, threadsY, perX, perY, depth } = tile;
  return (
    `\nvar<workgroup> sa: array<f32, ${depth * (threadsY * perY + 1)}>;` +
    `\nvar<workgroup> sb: array<f32, ${depth * (threadsX * perX + 1)}>;`
  );
}
