// Launches a matrix product: picks the tile by shape and adapter, and cuts long K in parts where C alone
// would not keep the device busy; the parts are added in order by a second launch.

import type { DType } from "@sixtyone/tensor/backend";
import type { Block } from "../memory/pool.ts";
import type { Tuning } from "../tuning.ts";
import type { Context } from "./context.ts";
import { kindKey, type Grouping, type OperandKind, type ProductKind } from "./product-kind.ts";
import { productShader, tileSize } from "./product-shader.ts";
import { sumParts } from "./sum-parts.ts";
import { chooseTile } from "./tiles.ts";

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

const shortestSplit = 256;

function chooseSplits({ groups }: Tuning, tiles: number, inner: number): number {
  const wish = Math.ceil(groups / tiles);
  return Math.max(1, Math.min(wish, Math.floor(inner / shortestSplit)));
}

interface Lines {
  /** Elements between rows of A (columns of B), between depths, and how many rows (columns) there are. */
  readonly stride: number;
  readonly depthStride: number;
  readonly count: number;
  /** Tiles start anywhere among the lines, or in the depth. */
  readonly hasRaggedLines: boolean;
  readonly hasRaggedDepth: boolean;
}

/** How a tile of A (B) is staged; `others`: the strides between matrices. */
function operandKind(
  { dtype, offset }: Operand,
  lines: Lines,
  inner: number,
  others: readonly number[],
  nativeF16: boolean,
): OperandKind {
  const { stride, depthStride, count, hasRaggedLines, hasRaggedDepth } = lines;
  const alongDepth = Math.abs(depthStride) === 1 && Math.abs(stride) !== 1;
  const hasVectors = dtype === "f32" || (dtype === "f16" && nativeF16);
  const [unit, step, extent] = alongDepth
    ? [depthStride, stride, inner]
    : [stride, depthStride, count];
  const isRagged = alongDepth ? hasRaggedDepth : hasRaggedLines;
  const isVector =
    hasVectors &&
    unit === 1 &&
    !isRagged &&
    [step, extent, offset, ...others].every((n) => n % 4 === 0);
  return { dtype, alongDepth, isVector };
}

type Batch = NonNullable<Product["batch"]>;

/** One pipeline for up to two axes of a batch. */
function padded(batch: Batch): Batch {
  const missing = Math.max(0, 2 - batch.length);
  return [...Array.from({ length: missing }, () => ({ size: 1, a: 0, b: 0 })), ...batch];
}

export function multiply(context: Context, product: Product): void {
  const { engine, tuning } = context;
  const { rows, columns, inner, a, b, c, groups, accumulate = false } = product;
  const batch = padded(product.batch ?? []);
  const grouping = groups?.by ?? "none";
  const matrices =
    grouping === "depth" ? groups!.count : batch.reduce((n, { size }) => n * size, 1);
  if (rows === 0 || columns === 0 || matrices === 0) return;
  // Rows in groups: about as many to a group as there are on average.
  const typicalRows = grouping === "rows" ? Math.ceil(rows / Math.max(groups!.count, 1)) : rows;
  const bAlongDepth = Math.abs(b.rowStride) === 1 && Math.abs(b.columnStride) !== 1;
  const component = tuning.hasF16 && a.dtype === "f16" && b.dtype === "f16" ? "f16" : "f32";
  const tile = chooseTile(tuning, { rows: typicalRows, columns, matrices, bAlongDepth, component });
  const [tileRows, tileColumns] = tileSize(tile);
  const tilesX = Math.ceil(columns / tileColumns);
  const tilesY = Math.ceil(rows / tileRows) + (grouping === "rows" ? groups!.count : 0);
  const tiles = tilesX * tilesY * matrices;
  const canSplit = grouping === "none" && !accumulate && c.rowStride === columns;
  const wish = canSplit ? chooseSplits(tuning, tiles, inner) : 1;
  const splitInner = Math.ceil(inner / wish / 16) * 16;
  const splits = Math.max(1, Math.ceil(inner / splitInner) || 1);
  const splitSize = rows * columns * matrices;
  const into = splits > 1 ? { block: engine.temporary(splits * splitSize * 4), offset: 0 } : c;
  // The other ways read element by element, in any order.
  const stage = (
    operand: Operand,
    lines: Omit<Lines, "hasRaggedDepth">,
    others: number[],
  ): OperandKind =>
    tile.way === "shared" || tile.way === "matrices"
      ? operandKind(
          operand,
          { ...lines, hasRaggedDepth: grouping === "depth" },
          inner,
          others,
          tuning.hasF16,
        )
      : { dtype: operand.dtype, alongDepth: false, isVector: false };
  const kind: ProductKind = {
    tile,
    batchRank: batch.length,
    grouping,
    accumulate,
    nativeF16: tuning.hasF16,
    subgroup: tuning.subgroup,
    a: stage(
      a,
      {
        stride: a.rowStride,
        depthStride: a.columnStride,
        count: rows,
        hasRaggedLines: grouping === "rows",
      },
      batch.map((axis) => axis.a),
    ),
    b: stage(
      b,
      { stride: b.columnStride, depthStride: b.rowStride, count: columns, hasRaggedLines: false },
      [...batch.map((axis) => axis.b), groups?.bStride ?? 0],
    ),
  };
  engine.dispatch({
    key: kindKey(kind),
    shader: () => productShader(kind),
    params: [
      rows,
      columns,
      inner,
      tilesX,
      tilesY,
      splits,
      Math.max(splitInner, 1),
      a.offset,
      a.rowStride,
      a.columnStride,
      b.offset,
      b.rowStride,
      b.columnStride,
      into.offset,
      c.rowStride,
      product.cBatch ?? rows * columns,
      groups?.bStride ?? 0,
      groups?.offset ?? 0,
      groups?.count ?? 0,
      splitSize,
      tile.way === "matrices" ? 0 : tile.perX,
      ...batch.flatMap(({ size, a: left, b: right }) => [size, left, right]),
    ],
    reads: [a.block, b.block, ...(groups ? [groups.block] : [])],
    writes: [into.block],
    groups: tiles * splits,
  });
  if (splits > 1) sumParts(context, splitSize, splits, into.block, c.block, c.offset);
}
