// Pieces of WGSL that attention in one pass is made of (Dao et al. 2022): products of tiles that a workgroup
// of 16 × 8 threads keeps in registers and workgroup memory.

export const threadsX = 16;
export const threadsY = 8;
export const threads: number = threadsX * threadsY;
/** Elements of a head staged at a time. */
const chunk = 16;

export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Rows and columns of scores a thread has. */
export interface ScoreTile {
  readonly perY: number;
  readonly perX: number;
}

export const rowsOf = ({ perY }: ScoreTile): number => threadsY * perY;
export const columnsOf = ({ perX }: ScoreTile): number => threadsX * perX;

/** One side of a product of tiles: an expression for the element (line, d), `line` counted from the tile's first. */
export interface Side {
  readonly load: string;
  /** The line exists. */
  readonly exists: string;
}

export const each = ({ perY, perX }: ScoreTile, text: (y: number, x: number) => string): string =>
  range(perY)
    .flatMap((y) => range(perX).map((x) => text(y, x)))
    .join("\n");

export function zeros(tile: ScoreTile, name: string): string {
  return each(tile, (y, x) => `  var ${name}${y}_${x} = 0.0;`);
}

/** name[y][x] += Σ_d rows(line, d) · columns(line, d), d below `depth`. */
export function scoresText(
  tile: ScoreTile,
  name: string,
  depth: string,
  rows: Side,
  columns: Side,
): string {
  const [height, width] = [rowsOf(tile), columnsOf(tile)];
  const stage = (memory: string, lines: number, { load, exists }: Side): string => `
      for (var i = lane; i < ${lines * chunk}u; i = i + ${threads}u) {
        let d = first + i % ${chunk}u;
        let line = i / ${chunk}u;
        var value = 0.0;
        if (${exists} && d < ${depth}) { value = ${load}; }
        ${memory}[(i % ${chunk}u) * ${lines + 1}u + line] = value;
      }`;
  return `
    for (var first = 0u; first < ${depth}; first = first + ${chunk}u) {
${stage("rowTile", height, rows)}
${stage("columnTile", width, columns)}
      workgroupBarrier();
      for (var d = 0u; d < ${chunk}u; d = d + 1u) {
${range(tile.perY)
  .map((y) => `        let a${y} = rowTile[d * ${height + 1}u + ty + ${y * threadsY}u];`)
  .join("\n")}
${range(tile.perX)
  .map((x) => `        let b${x} = columnTile[d * ${width + 1}u + tx + ${x * threadsX}u];`)
  .join("\n")}
${each(tile, (y, x) => `        ${name}${y}_${x} = ${name}${y}_${x} + a${y} * b${x};`)}
      }
      workgroupBarrier();
    }`;
}

/** Puts name[y][x] where sumText finds it. */
export function shareText(tile: ScoreTile, name: string): string {
  return each(
    tile,
    (y, x) =>
      `    scoreTile[(ty + ${y * threadsY}u) * ${columnsOf(tile) + 1}u + tx + ${x * threadsX}u] = ${name}${y}_${x};`,
  );
}

/** Rows of values staged at a time: few where they are long. */
const staged = (width: number): number => (width > 256 ? 2 : 8);

/**
 * name[y][c] += Σ_j scoreTile[row y][j] · values(j, column), for columns tx + 16 c below `width`; `values` is
 * an expression of `line` (counted from the tile's first) and `column`.
 */
export function sumText(
  tile: ScoreTile,
  name: string,
  perC: number,
  width: string,
  { load, exists }: Side,
): string {
  const across = perC * threadsX;
  const step = staged(across);
  return `
    for (var j0 = 0u; j0 < ${columnsOf(tile)}u; j0 = j0 + ${step}u) {
      for (var i = lane; i < ${across * step}u; i = i + ${threads}u) {
        let column = i % ${across}u;
        let line = j0 + i / ${across}u;
        var value = 0.0;
        if (${exists} && column < ${width}) { value = ${load}; }
        valueTile[i] = value;
      }
      workgroupBarrier();
      for (var j = 0u; j < ${step}u; j = j + 1u) {
${range(tile.perY)
  .map(
    (y) =>
      `        let p${y} = scoreTile[(ty + ${y * threadsY}u) * ${columnsOf(tile) + 1}u + j0 + j];`,
  )
  .join("\n")}
${range(perC)
  .map(
    (c) =>
      `        { let v = valueTile[j * ${across}u + tx + ${c * threadsX}u]; ${range(tile.perY)
        .map((y) => `${name}${y}_${c} = ${name}${y}_${c} + p${y} * v;`)
        .join(" ")} }`,
  )
  .join("\n")}
      }
      workgroupBarrier();
    }`;
}

/** Reduces over the threads of a row: `to` becomes the combination of `from` of all 16. */
export function acrossText(
  tile: ScoreTile,
  from: string,
  to: string,
  combine: (a: string, b: string) => string,
): string {
  const rows = range(tile.perY);
  return `
${rows.map((y) => `    acrossTile[(ty + ${y * threadsY}u) * ${threadsX}u + tx] = ${from}${y};`).join("\n")}
    workgroupBarrier();
${rows.map((y) => `    var ${to}${y} = acrossTile[(ty + ${y * threadsY}u) * ${threadsX}u];`).join("\n")}
    for (var other = 1u; other < ${threadsX}u; other = other + 1u) {
${rows.map((y) => `      ${to}${y} = ${combine(`${to}${y}`, `acrossTile[(ty + ${y * threadsY}u) * ${threadsX}u + other]`)};`).join("\n")}
    }
    workgroupBarrier();`;
}

/** The workgroup memory of the pieces; at most 15.5 KiB. `perC`: of the widest sumText. */
export function memoryText(tile: ScoreTile, perC: number): string {
  const [height, width, across] = [rowsOf(tile), columnsOf(tile), perC * threadsX];
  return `
var<workgroup> rowTile: array<f32, ${chunk * (height + 1)}>;
var<workgroup> columnTile: array<f32, ${chunk * (width + 1)}>;
var<workgroup> scoreTile: array<f32, ${height * (width + 1)}>;
var<workgroup> valueTile: array<f32, ${across * staged(across)}>;
var<workgroup> acrossTile: array<f32, ${height * threadsX}>;`;
}

/** Parameters of every attention kernel in one pass. */
export const flashParams: readonly string[] = [
  "B:u32",
  "G:u32",
  "H:u32",
  "T:u32",
  "S:u32",
  "R:u32",
  "dqk:u32",
  "dv:u32",
  "tiles:u32",
  "causal:u32",
  "masked:u32",
  "scale:f32",
  ...["q", "k", "v", "mask"].flatMap((name) => [
    `${name}:i32`,
    ...range(4).map((axis) => `${name}${axis}:i32`),
  ]),
];

/**
 * Functions of addresses. A unit is a batch entry and a head, or a batch entry with all its heads where they
 * share their keys; the rows of a unit are its queries, head by head.
 */
export const addressText = `
struct Row { head: u32, t: u32 }
fn rowAt(unit: u32, row: u32) -> Row { return Row(unit % U.G + row / U.T, row % U.T); }
fn seenBy(t: u32) -> u32 {
  if (U.causal == 0u) { return U.S; }
  return u32(clamp(i32(t) + i32(U.S) - i32(U.T) + 1, 0, i32(U.S)));
}
fn flatRow(unit: u32, row: u32) -> u32 {
  let at = rowAt(unit, row);
  return (unit / U.G * U.H + at.head) * U.T + at.t;
}
fn qAt(unit: u32, row: u32) -> i32 {
  let at = rowAt(unit, row);
  return U.q + i32(unit / U.G) * U.q0 + i32(at.head) * U.q1 + i32(at.t) * U.q2;
}
fn kAt(unit: u32, key: u32) -> i32 {
  return U.k + i32(unit / U.G) * U.k0 + i32(unit % U.G) * U.k1 + i32(key) * U.k2;
}
fn vAt(unit: u32, key: u32) -> i32 {
  return U.v + i32(unit / U.G) * U.v0 + i32(unit % U.G) * U.v1 + i32(key) * U.v2;
}
fn maskAt(unit: u32, row: u32, key: u32) -> i32 {
  let at = rowAt(unit, row);
  return U.mask + i32(unit / U.G) * U.mask0 + i32(at.head) * U.mask1 + i32(at.t) * U.mask2 + i32(key) * U.mask3;
}`;
