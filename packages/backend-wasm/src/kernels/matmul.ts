// Launches products in the way that product.ts chooses; matmul's merge their batch axes first.

import type { Binding, LaunchOf } from "@sixtyone/tensor/backend";
import { kindOf } from "../map/program-params.ts";
import { maxRank } from "../map/space.ts";
import type { WasmBuffer } from "../buffer.ts";
import { isPacked, notePacked } from "../memory/panels.ts";
import { addressOf, type Context } from "./context.ts";
import { chooseMode, depthOf, gainsFromPanels, pack, tileOf, type Product } from "./product.ts";

const words = 29;
const largestPanelsBytes = 64 * 2 ** 20;

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
  const panelCount = Math.ceil(columns / 8);
  const panelFloats = panelCount * 8 * inner;
  const matrices = batch.reduce((size, axis) => size * (axis.b === 0 ? 1 : axis.size), 1);
  const panelBytes = matrices * panelFloats * 4;
  const packed = engine.tile.isWide ? pack.bothWide : pack.both;
  let mode: number = packs ? packed : chooseMode(product, engine.tile.isWide);
  const needsPanels = mode !== pack.none && mode !== pack.dots;
  if (needsPanels && panelBytes > largestPanelsBytes && columns > 64) {
    splitColumns(context, product);
    return;
  }
  const mayKeep = needsPanels || (mode === pack.none && gainsFromPanels(product));
  const sources = (mayKeep && b.sources) || [];
  const view = sources.length > 0 ? viewOf(product) : "";
  const kept = engine.isRecording ? undefined : context.panels.kept(sources, view, panelBytes);
  const panels = kept ?? (needsPanels ? engine.panels(sources, view, panelBytes) : undefined);
  if (mode === pack.none && panels) mode = pack.onlyB;
  const depth = depthOf(product, panels !== undefined);
  const [tileRows, tileColumns] = packs
    ? [rows, columns]
    : tileOf(product, mode, depth, batchSize, engine.threads);

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
