// Launches grouped products (mixture of experts): one product per group of rows. The sizes of the groups
// are values in memory, which this backend sees without waiting; in a plan they are read anew each time.

import { bytesPerElement, IndexError, type Binding, type LaunchOf } from "@sixtyone/tensor/backend";
import { kindOf } from "../map/program-params.ts";
import type { WasmBuffer } from "../buffer.ts";
import { addressOf, type Context } from "./context.ts";
import { multiply } from "./matmul.ts";

function forEachGroup(
  { engine }: Context,
  op: string,
  offsets: Binding,
  total: number,
  visit: (group: number, first: number, count: number) => void,
): void {
  const groups = offsets.shape[0]! - 1;
  const base = addressOf(offsets) >>> 2;
  engine.onHost(() => {
    for (let group = 0; group < groups; group++) {
      const { i32 } = engine.heap;
      const [first, end] = [i32[base + group]!, i32[base + group + 1]!];
      // Rows outside the operands would be somebody else's memory.
      if (first < 0 || end < first || end > total) {
        throw new IndexError(
          `${op}: group ${group} has the rows ${first}..${end - 1} of ${total}. Offsets rise from 0 to ${total}.`,
        );
      }
      visit(group, first, end - first);
    }
  });
}

export function groupedMatmul(
  { op, inputs, outputs }: LaunchOf<"groupedMatmul">,
  context: Context,
): void {
  const [a, b, offsets] = inputs as [Binding, Binding, Binding];
  const [, inner, columns] = b.shape as [number, number, number];
  const [groupStride, rowStride, columnStride] = b.strides as [number, number, number];
  const [from, to] = [addressOf(a), addressOf(outputs[0]!)];
  const weights = addressOf(b);
  const bytes = bytesPerElement(b.dtype);
  forEachGroup(context, op, offsets, a.shape[0]!, (group, first, rows) => {
    multiply(context, {
      rows,
      columns,
      inner,
      a: { address: from + first * inner * 4, rowStride: inner, columnStride: 1, kind: 0 },
      b: {
        address: weights + group * groupStride * bytes,
        rowStride,
        columnStride,
        kind: kindOf(b.dtype),
        sources: [b.buffer as WasmBuffer],
      },
      c: { address: to + first * columns * 4, rowBytes: columns * 4 },
      accumulate: false,
      batch: [],
    });
  });
}

export function groupedMatmulWeight(
  { op, inputs, outputs }: LaunchOf<"groupedMatmulWeight">,
  context: Context,
): void {
  const { engine } = context;
  const [a, c, offsets] = inputs as [Binding, Binding, Binding];
  const [, rows, columns] = outputs[0]!.shape as [number, number, number];
  const [left, right, to] = [addressOf(a), addressOf(c), addressOf(outputs[0]!)];
  forEachGroup(context, op, offsets, a.shape[0]!, (group, first, inner) => {
    const out = to + group * rows * columns * 4;
    if (inner === 0) {
      engine.heap.i32.fill(0, out >>> 2, (out >>> 2) + rows * columns);
      return;
    }
    multiply(context, {
      rows,
      columns,
      inner,
      a: { address: left + first * rows * 4, rowStride: 1, columnStride: rows, kind: 0 },
      b: { address: right + first * columns * 4, rowStride: columns, columnStride: 1, kind: 0 },
      c: { address: out, rowBytes: columns * 4 },
      accumulate: false,
      batch: [],
    });
  });
}
