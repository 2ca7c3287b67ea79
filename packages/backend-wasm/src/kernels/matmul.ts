// Launches matmul: merges batch axes, picks the way (pack both, pack B, neither, dots) by shape and
// strides, and cuts C into tiles. The thresholds come from `pnpm bench gemm`.

import type { Binding, LaunchOf } from "@sixtyone/tensor/backend";
import { kindOf } from "../map/program-params.ts";
import { maxRank } from "../map/space.ts";
import type { WasmBuffer } from "../buffer.ts";
import { isPacked, notePacked } from "../memory/panels.ts";
import { addressOf, type Context } from "./context.ts";

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

const words = 29;
const deepestBlock = 512;
/** A matrix larger than this is read in place a few rows at a time, each from its beginning to its end. */
const cachedFloats = 256 * 1024;
const streamedRows = 32;
const largestPanelsBytes = 64 * 2 ** 20;
/** Panels of B that an L3 cache holds, from where every tile of C may read them again. */
const cachedPanelsBytes = 4 * 2 ** 20;
/** Up to this many rows a transposed B is read in place; four of its rows as f32 must fit the scratch. */
const mostDottedRows = 64;
const longestDots = 32 * 1024;

const pack = { both: 0, none: 1, dots: 2, onlyB: 3, bothWide: 4 } as const;

function chooseMode({ rows, columns, inner, a, b }: Product, isWide: boolean): number {
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

/** Sizes of the blocks of K: as equal as may be, so that the last one is not a sliver. */
function depthOf(inner: number): number {
  const blocks = Math.ceil(inner / deepestBlock);
  return Math.ceil(inner / blocks / 8) * 8;
}

/**
 * Rows and columns of C in a tile. They decide who does what and how A is packed, never the result. `isLow`: C is
 * met once for each block of K, and 24 rows of it stay in the L2 cache until the next.
 */
function tileOf(
  isPacked: boolean,
  isLow: boolean,
  rows: number,
  columns: number,
  batchSize: number,
  threads: number,
): readonly [number, number] {
  let tileRows = isLow ? 24 : isPacked ? 96 : 48;
  let tileColumns = isPacked ? 1024 : rows >= 48 ? 256 : 2048;
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

/** What panels of B depend on besides the contents of its buffers. */
function viewOf({ columns, inner, b, batch }: Product): string {
  const { address, offset = 0, rowStride, columnStride, kind, scales } = b;
  const view = [address, offset, rowStride, columnStride, kind, inner, columns];
  for (const axis of batch) if (axis.b !== 0) view.push(axis.size, axis.b);
  if (scales) view.push(scales.address, scales.across, scales.blockRows, scales.blockColumns);
  return view.join();
}

/** `packs`: takes the packed way in one tile whatever the size, to measure or test it. */
export function multiply(context: Context, product: Product, packs = false): void {
  const { engine } = context;
  const { rows, columns, inner, a, b, c, batch } = product;
  const batchSize = batch.reduce((size, axis) => size * axis.size, 1);
  if (rows === 0 || columns === 0 || batchSize === 0) return;
  const packed = engine.tile.isWide ? pack.bothWide : pack.both;
  const mode = packs ? packed : chooseMode(product, engine.tile.isWide);
  const packsA = mode === pack.both || mode === pack.bothWide;
  const usesPanels = packsA || mode === pack.onlyB;
  const depth = usesPanels ? depthOf(inner) : inner * columns > cachedFloats ? streamedRows : inner;
  const panelCount = Math.ceil(columns / 8);
  const panelFloats = panelCount * 8 * inner;
  const matrices = batch.reduce((size, axis) => size * (axis.b === 0 ? 1 : axis.size), 1);
  if (usesPanels && matrices * panelFloats * 4 > largestPanelsBytes && columns > 64) {
    splitColumns(context, product);
    return;
  }
  const panels = usesPanels
    ? context.panels.take(engine, b.sources ?? [], viewOf(product), matrices * panelFloats * 4)
    : undefined;
  const isLow = packsA && inner > depth && panelFloats * 4 <= cachedPanelsBytes;
  const [tileRows, tileColumns] = packs
    ? [rows, columns]
    : mode === pack.dots
      ? [mostDottedRows, dottedColumns(columns, batchSize, engine.threads)]
      : tileOf(packsA, isLow, rows, columns, batchSize, engine.threads);

  const write = (ownBatch: boolean): number => {
    const at = engine.block(words + batch.length * 4);
    const { i32 } = engine.heap;
    i32[at] = rows;
    i32[at + 1] = columns;
    i32[at + 2] = inner;
    i32[at + 3] = a.address;
    i32[at + 4] = a.rowStride;
    i32[at + 5] = a.columnStride;
    i32[at + 6] = a.kind;
    i32[at + 7] = b.address;
    i32[at + 8] = b.rowStride;
    i32[at + 9] = b.columnStride;
    i32[at + 10] = b.kind;
    i32[at + 11] = c.address;
    i32[at + 12] = tileRows;
    i32[at + 13] = tileColumns;
    i32[at + 14] = depth;
    i32[at + 15] = mode;
    i32[at + 16] = panels?.address ?? 0;
    i32[at + 17] = panelFloats;
    i32[at + 18] = product.accumulate ? 1 : 0;
    i32[at + 20] = c.rowBytes;
    i32[at + 21] = rows * columns;
    i32[at + 22] = b.offset ?? 0;
    i32[at + 23] = b.scales?.address ?? 0;
    i32[at + 24] = b.scales?.across ?? 0;
    i32[at + 25] = b.scales?.blockRows ?? 0;
    i32[at + 26] = b.scales?.blockColumns ?? 0;
    i32[at + 27] = b.scales?.rowElements ?? 0;
    i32[at + 28] = engine.tile.rows;
    // Packing counts only the axes along which B differs.
    let axes = 0;
    let packed = matrices;
    for (const axis of batch) {
      if (axis.b !== 0) packed /= axis.size;
      else if (ownBatch) continue;
      const to = at + words + axes++ * 4;
      i32[to] = axis.size;
      i32[to + 1] = axis.a;
      i32[to + 2] = axis.b;
      i32[to + 3] = axis.b === 0 ? 0 : packed;
    }
    i32[at + 19] = axes;
    return at * 4;
  };

  if (panels && (engine.isRecording || !isPacked(panels))) {
    const tiles = matrices * Math.ceil(inner / depth) * Math.ceil(panelCount / 8);
    const params = write(true);
    engine.onHost(() => {
      if (isPacked(panels)) return;
      engine.job(engine.kernels.gemmPackB!, params, tiles, matrices * panelFloats * 0.4);
      notePacked(panels);
    });
  }
  const tiles = batchSize * Math.ceil(rows / tileRows) * Math.ceil(columns / tileColumns);
  engine.job(engine.kernels.gemm!, write(false), tiles, (batchSize * rows * columns * inner) / 25);
}

/** Columns in two halves, when packed B would take too much memory at once. */
function splitColumns(context: Context, product: Product): void {
  const { b, c, columns, batch } = product;
  if (batch.length > 0) {
    // One matrix at a time along the outermost axis.
    const [outer, ...rest] = batch;
    const slices = rest.reduce((size, axis) => size * axis.size, product.rows);
    for (let i = 0; i < outer!.size; i++) {
      multiply(context, {
        ...product,
        a: { ...product.a, address: product.a.address + i * outer!.a * (product.a.kind ? 2 : 4) },
        b: { ...b, offset: (b.offset ?? 0) + i * outer!.b },
        c: { ...c, address: c.address + i * slices * c.rowBytes },
        batch: rest,
      });
    }
    return;
  }
  const half = Math.ceil(columns / 16) * 8;
  multiply(context, { ...product, columns: half });
  multiply(context, {
    ...product,
    columns: columns - half,
    b: { ...b, offset: (b.offset ?? 0) + half * b.columnStride },
    c: { ...c, address: c.address + half * 4 },
  });
}

function operand(view: Binding): Product["a"] {
  const rank = view.shape.length;
  return {
    address: addressOf(view),
    rowStride: view.strides[rank - 2]!,
    columnStride: view.strides[rank - 1]!,
    kind: kindOf(view.dtype),
  };
}

export function matmul({ inputs, outputs, op }: LaunchOf<"matmul">, context: Context): void {
  const { engine, space } = context;
  const [left, right] = inputs as [Binding, Binding];
  const rank = left.shape.length;
  let rows = left.shape[rank - 2]!;
  const inner = left.shape[rank - 1]!;
  const columns = right.shape[rank - 1]!;
  const out = addressOf(outputs[0]!);
  const batchShape = left.shape.slice(0, -2);
  space.begin(op, batchShape);
  space.add(left.strides.slice(0, -2));
  space.add(right.strides.slice(0, -2));
  space.merge(batchShape);
  const batch: { size: number; a: number; b: number }[] = [];
  for (let axis = 0; axis < space.rank; axis++) {
    const [a, b] = [space.strides[axis]!, space.strides[maxRank + axis]!];
    batch.push({ size: space.dims[axis]!, a, b });
  }
  const a = operand(left);
  // One matrix against a batch whose rows follow one another (x · W): a single tall product.
  for (let last = batch.at(-1); last && last.b === 0; last = batch.at(-1)) {
    if (rows !== 1 && last.a !== a.rowStride * rows) break;
    if (rows === 1) a.rowStride = last.a;
    rows *= last.size;
    batch.pop();
  }
  if (inner === 0) {
    const size = batch.reduce((n, axis) => n * axis.size, rows * columns);
    engine.onHost(() => engine.heap.i32.fill(0, out >>> 2, (out >>> 2) + size));
    return;
  }
  multiply(context, {
    rows,
    columns,
    inner,
    a,
    b: { ...operand(right), sources: [right.buffer as WasmBuffer] },
    c: { address: out, rowBytes: columns * 4 },
    accumulate: false,
    batch,
  });
}
