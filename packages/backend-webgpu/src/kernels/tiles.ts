// The shapes of tiles that products are computed in, and the choice among them.
//
//   shared    tiles of A and B are staged in workgroup memory (GPUs)
//   direct    threads read A and B themselves: no barriers
//   dot       the threads of a workgroup share the depth of a few dot products (matrix times vector)
//   subgroup  the threads of a subgroup load A together and pass it around: no barriers, few loads
//   matrices  subgroups multiply small matrices in hardware (matrix-tiles.ts)

import type { Tuning } from "../tuning.ts";
import {
  matrixTile,
  type Component,
  type MatrixTile,
  type MatrixTileName,
} from "./matrix-tiles.ts";

/** Every thread keeps its part of C in registers. */
export interface ThreadTile {
  readonly way: "shared" | "direct" | "dot" | "subgroup";
  /** Threads along columns and rows of the workgroup's tile; for "dot", along depth. */
  readonly threadsX: number;
  readonly threadsY: number;
  /** Columns and rows of a thread. */
  readonly perX: number;
  readonly perY: number;
  /** Depth of a staged tile; for "subgroup", steps loaded together. */
  readonly depth: number;
}

export type TileShape = ThreadTile | MatrixTile;

const shared = (
  threadsX: number,
  threadsY: number,
  perX: number,
  perY: number,
  depth = 16,
): ThreadTile => ({
  way: "shared",
  threadsX,
  threadsY,
  perX,
  perY,
  depth,
});
const direct = (threadsX: number, threadsY: number, perX: number, perY: number): ThreadTile => ({
  way: "direct",
  threadsX,
  threadsY,
  perX,
  perY,
  depth: 0,
});

/** Rows × columns. */
type FixedTile =
  | "128x64"
  | "128x128"
  | "64x64"
  | "64x64 of 64"
  | "32x32"
  | "64x32"
  | "32x64"
  | "16x64"
  | "8x8"
  | "direct"
  | "vector";

const tiles: { readonly [Name in FixedTile]: ThreadTile } = {
  "128x64": shared(16, 16, 4, 8),
  "128x128": shared(16, 16, 8, 8, 8),
  "64x64": shared(16, 16, 4, 4),
  "64x64 of 64": shared(8, 8, 8, 8),
  "32x32": shared(8, 8, 4, 4),
  "64x32": shared(16, 16, 2, 4),
  "32x64": shared(16, 16, 4, 2),
  "16x64": shared(16, 16, 4, 1),
  // Compiled in no time where barriers are dear: for tests.
  "8x8": shared(4, 4, 2, 2, 4),
  direct: direct(8, 1, 8, 8),
  vector: direct(64, 1, 1, 4),
};

export type TileName = FixedTile | "subgroup" | "dot";
export type AnyTileName = TileName | MatrixTileName;

export const tileNames: ReadonlySet<string> = new Set<string>([
  ...Object.keys(tiles),
  "subgroup",
  "dot",
]);

export interface ProductSize {
  readonly rows: number;
  readonly columns: number;
  /** Of a batch or of groups. */
  readonly matrices: number;
  /** Whether B's depth is contiguous and its columns are not. */
  readonly bAlongDepth: boolean;
  /** What both operands can be multiplied as without losing bits. */
  readonly component: Component;
}

/** The smallest of 1, 2, 4, … that reaches `n`, at most `most`. */
function powerFor(n: number, most: number): number {
  let power = 1;
  while (power < n && power < most) power *= 2;
  return power;
}

function tileOf(
  name: TileName,
  { subgroup }: Tuning,
  { rows, columns, bAlongDepth }: ProductSize,
): ThreadTile {
  if (name === "dot") {
    return { way: "dot", threadsX: 64, threadsY: 1, perX: 4, perY: powerFor(rows, 4), depth: 0 };
  }
  if (name === "subgroup") {
    if (subgroup === 0) return { ...tiles.direct, perY: powerFor(rows, 8) };
    const perX = powerFor(Math.ceil(columns / subgroup), 4);
    // Where a column of B lies along its depth, each thread has a cache line of its own: it takes four steps of
    // it at a time, and fewer rows for them.
    const [perY, depth] = bAlongDepth ? [powerFor(rows, 8), 4] : [powerFor(rows, 16), 1];
    return { way: "subgroup", threadsX: subgroup, threadsY: 1, perX, perY, depth };
  }
  if (name === "vector") return { ...tiles.vector, perY: powerFor(rows, 4) };
  return tiles[name];
}

/** Tiles of 64 × 64 that the product has. */
const squares = ({ rows, columns, matrices }: ProductSize): number =>
  Math.ceil(rows / 64) * Math.ceil(columns / 64) * matrices;

/** The tile of a product on hardware, by name. */
function nameFor({ groups, largeTile }: Tuning, size: ProductSize): TileName {
  const { rows, bAlongDepth } = size;
  if (rows <= 4) return bAlongDepth ? "dot" : "vector";
  if (rows <= 16) return "16x64";
  if (rows <= 32) return "32x64";
  if (squares(size) < groups) return rows <= 64 ? "64x32" : "32x32";
  return squares(size) >= 8 * groups ? largeTile : "64x64";
}

/** Matrices, where tuning found them faster: it measures products that keep the whole device busy. */
function matricesFor(tuning: Tuning, size: ProductSize): MatrixTile | undefined {
  const isLarge = size.rows > 32 && squares(size) >= tuning.groups;
  return isLarge ? matrixTile(tuning, size.component, tuning.matrices[size.component]) : undefined;
}

function isMatrixName(name: AnyTileName): name is MatrixTileName {
  return !tileNames.has(name);
}

export function chooseTile(tuning: Tuning, size: ProductSize): TileShape {
  const { forcedTile, isSoftware } = tuning;
  if (forcedTile && isMatrixName(forcedTile)) {
    const forced = matrixTile(tuning, size.component, forcedTile);
    if (forced) return forced;
  } else if (forcedTile) {
    // One dot product a row of B, for a handful of rows of A.
    const fits = forcedTile !== "dot" || (size.rows <= 4 && size.bAlongDepth);
    if (fits) return tileOf(forcedTile, tuning, size);
  }
  return (
    matricesFor(tuning, size) ??
    tileOf(isSoftware ? tuning.largeTile : nameFor(tuning, size), tuning, size)
  );
}
