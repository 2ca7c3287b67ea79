// Launches a matrix product: picks the tile by shape and adapter, and cuts long K in parts where C alone
// would not keep the device busy; the parts are added in order by a second launch.

import type { DType } from "@sixtyone/tensor/backend";
import type { Block } from "../memory/pool.ts";
import type { Tuning } from "../tuning.ts";
import type { Context } from "./context.ts";
import {
  kindKey, productShader, type Grouping, type ProductKind, type TileShape,
} from "./product-shader.ts";
import { sumParts } from "./sum-parts.ts";

export interface Operand {
  readonly block: Block;
  readonly dtype: DType;
  readonly offset: number;
  /** Along rows of A or depth of B, then along depth of A or columns of B. */
  readonly rowStride: number;
  readonly columnStride: number;
}

export interface Product {
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  readonly a: Operand;
  readonly b: Operand;
  readonly c: { readonly block: Block; readonly offset: number; readonly rowStride: number };
  /** Elements between matrices of C. */
  readonly cBatch?: number;
  readonly batch?: readonly { readonly size: number; readonly a: number; readonly b: number }[];
  readonly accumulate?: boolean;
  /** Rows (or the depth) in groups: their bounds, i32 [groups + 1]. */
  readonly groups?: {
    readonly by: Exclude<Grouping, "none">;
    readonly block: Block;
    readonly offset: number;
    readonly count: number;
    readonly bStride: number;
  };
}

const shared = (threads: number, per: number, depth: number): TileShape => ({
  way: "shared", threadsX: threads, threadsY: threads, perX: per, perY: per, depth,
});

function chooseTile({ isSoftware }: Tuning, rows: number, columns: number): TileShape {
  if (rows <= 4) return { way: "direct", threadsX: 64, threadsY: 1, perX: 1, perY: Math.min(rows, 4), depth: 0 };
  if (isSoftware) {
    return { way: "direct", threadsX: columns <= 16 ? 4 : 8, threadsY: 8, perX: 4, perY: 4, depth: 0 };
  }
  if (rows * columns <= 256 * 256) return shared(16, 2, 16);
  return shared(16, 4, 16);
}

const shortestSplit = 256;

function chooseSplits({ isSoftware }: Tuning, tiles: number, inner: number): number {
  const wish = Math.ceil((isSoftware ? 8 : 256) / tiles);
  return Math.max(1, Math.min(wish, Math.floor(inner / shortestSplit)));
}

export function multiply(context: Context, product: Product): void {
  const { engine, tuning } = context;
  const { rows, columns, inner, a, b, c, batch = [], groups, accumulate = false } = product;
  const grouping = groups?.by ?? "none";
  const matrices =
    grouping === "depth" ? groups!.count : batch.reduce((n, { size }) => n * size, 1);
  if (rows === 0 || columns === 0 || matrices === 0) return;
  // Rows in groups: about as many to a group as there are on average.
  const typicalRows = grouping === "rows" ? Math.ceil(rows / Math.max(groups!.count, 1)) : rows;
  const tile = chooseTile(tuning, typicalRows, columns);
  const tilesX = Math.ceil(columns / (tile.threadsX * tile.perX));
  const tilesY =
    Math.ceil(rows / (tile.threadsY * tile.perY)) + (grouping === "rows" ? groups!.count : 0);
  const tiles = tilesX * tilesY * matrices;
  const canSplit = grouping === "none" && !accumulate && c.rowStride === columns;
  const wish = canSplit ? chooseSplits(tuning, tiles, inner) : 1;
  const splitInner = Math.ceil(inner / wish / 16) * 16;
  const splits = Math.max(1, Math.ceil(inner / splitInner) || 1);
  const splitSize = rows * columns * matrices;
  const into = splits > 1 ? { block: engine.temporary(splits * splitSize * 4), offset: 0 } : c;
  const kind: ProductKind = {
    tile, a: a.dtype, b: b.dtype, batchRank: batch.length, grouping,
    aAlongDepth: Math.abs(a.columnStride) === 1,
    bAlongDepth: Math.abs(b.rowStride) === 1 && Math.abs(b.columnStride) !== 1,
  };
  engine.dispatch({
    key: kindKey(kind),
    shader: () => productShader(kind),
    params: [
      rows, columns, inner, tilesX, tilesY, splits, Math.max(splitInner, 1),
      a.offset, a.rowStride, a.columnStride, b.offset, b.rowStride, b.columnStride,
      into.offset, c.rowStride, product.cBatch ?? rows * columns, accumulate ? 1 : 0,
      groups?.bStride ?? 0, groups?.offset ?? 0, groups?.count ?? 0, splitSize,
      ...batch.flatMap(({ size, a: left, b: right }) => [size, left, right]),
    ],
    reads: [a.block, b.block, ...(groups ? [groups.block] : [])],
    writes: [into.block],
    groups: tiles * splits,
  });
  if (splits > 1) sumParts(context, splitSize, splits, into.block, c.block, c.offset);
}
