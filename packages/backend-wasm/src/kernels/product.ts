// How a product goes, by shape and strides: which operands are packed, how K is cut into blocks, C into tiles. The
// thresholds come from `pnpm bench gemm`.

import type { WasmBuffer } from "../buffer.ts";

/** Of a quantised matrix: a scale for each block of rows × columns, `across` blocks side by side. */
export interface Scales {
  readonly address: number;
  readonly across: number;
  readonly blockRows: number;
  readonly blockColumns: number;
  /** Elements from row to row. */
  readonly rowElements: number;
}

/** A product of one matrix shape, in elements; addresses in bytes. */
export interface Product {
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  readonly a: { address: number; rowStride: number; columnStride: number; kind: number };
  readonly b: {
    address: number;
    rowStride: number;
    columnStride: number;
    kind: number;
    /** Elements from the address to the first. Default 0. */
    offset?: number;
    scales?: Scales;
    /** The buffers that hold it, if it may be the B of more products; see memory/panels.ts. */
    sources?: readonly WasmBuffer[];
  };
  readonly c: { address: number; rowBytes: number };
  readonly accumulate: boolean;
  /** Batch axes from the outside: size, stride of A, stride of B. C is contiguous over them. */
  readonly batch: readonly { readonly size: number; readonly a: number; readonly b: number }[];
}

const deepestBlock = 512;
/** A matrix larger than this is read in place a few rows at a time, each from its beginning to its end. */
const cachedFloats = 256 * 1024;
const streamedRows = 32;
/** Panels of B that an L3 cache holds, from where every tile of C may read them again. */
const cachedPanelFloats = 2 ** 20;
/** Up to this many rows a transposed B is read in place; four of its rows as f32 must fit the scratch. */
const mostDottedRows = 64;
const longestDots = 32 * 1024;

export const pack = { both: 0, none: 1, dots: 2, onlyB: 3, bothWide: 4 } as const;

export function chooseMode({ rows, columns, inner, a, b }: Product, isWide: boolean): number {
  const isPlain = a.kind === 0 && b.kind === 0;
  const isDotted =
    a.kind === 0 && b.columnStride !== 1 && b.rowStride === 1 && a.columnStride === 1;
  // Rows of A that are contiguous can be read where they are; columns a long stride apart should not.
  const isRowMajor = a.columnStride === 1;
  if (isDotted && rows <= mostDottedRows && inner <= longestDots) return pack.dots;
  if (isWide && rows >= 48 && columns >= 48 && inner >= 48) return pack.bothWide;
  const inPlaceFloats = isRowMajor ? 80 * 1024 : 24 * 1024;
  if (isPlain && b.columnStride === 1 && (rows <= 16 || inner * columns <= inPlaceFloats))
    return pack.none;
  if (a.kind === 0 && (rows <= 48 || columns <= (isRowMajor ? 256 : 32))) return pack.onlyB;
  return pack.both;
}

/**
 * Rows of B in a block of K: with panels blocks as equal as may be, so that the last one is not a sliver; in place all
 * of a matrix that a cache holds.
 */
export function depthOf({ inner, columns }: Product, hasPanels: boolean): number {
  if (!hasPanels) return inner * columns > cachedFloats ? streamedRows : inner;
  const blocks = Math.ceil(inner / deepestBlock);
  return Math.ceil(inner / blocks / 8) * 8;
}

/**
 * Whether a B that is read in place would be faster from panels that are there already: it does not fit the L1 cache,
 * where its rows share few sets, and with one block of K the bits are the same.
 */
export function gainsFromPanels({ rows, columns, inner }: Product): boolean {
  return rows >= 48 && inner <= deepestBlock && inner * columns >= 32 * 1024;
}

/**
 * Rows and columns of C in a tile. They decide who does what and how A is packed, never the result. C is met once for
 * each block of K; 24 rows of it stay in the L2 cache from one to the next.
 */
export function tileOf(
  { rows, columns, inner }: Product,
  mode: number,
  depth: number,
  batchSize: number,
  threads: number,
): readonly [number, number] {
  if (mode === pack.dots) return [mostDottedRows, dottedColumns(columns, batchSize, threads)];
  const packsA = mode === pack.both || mode === pack.bothWide;
  const isLow = packsA && inner > depth && inner * columns <= cachedPanelFloats;
  let tileRows = isLow ? 24 : packsA ? 96 : 48;
  let tileColumns = packsA ? 1024 : rows >= 48 ? 256 : 2048;
  const tiles = (): number =>
    batchSize * Math.ceil(rows / tileRows) * Math.ceil(columns / tileColumns);
  if (threads === 1) return [tileRows, tileColumns];
  // Eight tiles a thread even the load out; 24 rows are whole panels of either micro-kernel.
  while (tiles() < threads * 8 && tileRows > 24 && rows > 24) tileRows /= 2;
  while (tiles() < threads * 3 && tileColumns > 32 && columns > 32) tileColumns /= 2;
  return [tileRows, tileColumns];
}

function dottedColumns(columns: number, batchSize: number, threads: number): number {
  if (threads === 1) return columns;
  return Math.max(16, Math.ceil((columns * batchSize) / (threads * 8) / 4) * 4);
}
