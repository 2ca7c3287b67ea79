// Launches grouped products (mixture of experts). Group sizes are values on the device and stay there:
// the grid is an upper bound, and every workgroup finds its group among the offsets.

import type { Binding, LaunchOf } from "@sixtyone/tensor/backend";
import { blockOf, type Context } from "./context.ts";
import { multiply } from "./product.ts";

const groupsOf = (offsets: Binding, bStride: number) => ({
  block: blockOf(offsets),
  offset: offsets.offset,
  count: offsets.shape[0]! - 1,
  bStride,
});

export function groupedMatmul(
  { inputs, outputs }: LaunchOf<"groupedMatmul">,
  context: Context,
): void {
  const [a, b, offsets] = inputs as [Binding, Binding, Binding];
  const [, inner, columns] = b.shape as [number, number, number];
  const [groupStride, rowStride, columnStride] = b.strides as [number, number, number];
  multiply(context, {
    rows: a.shape[0]!,
    columns,
    inner,
    a: { block: blockOf(a), dtype: a.dtype, offset: a.offset, rowStride: inner, columnStride: 1 },
    b: { block: blockOf(b), dtype: b.dtype, offset: b.offset, rowStride, columnStride },
    c: { block: blockOf(outputs[0]!), offset: outputs[0]!.offset, rowStride: columns },
    groups: { by: "rows", ...groupsOf(offsets, groupStride) },
  });
}

export function groupedMatmulWeight(
  { inputs, outputs }: LaunchOf<"groupedMatmulWeight">,
  context: Context,
): void {
  const [a, c, offsets] = inputs as [Binding, Binding, Binding];
  const [, rows, columns] = outputs[0]!.shape as [number, number, number];
  multiply(context, {
    rows,
    columns,
    inner: a.shape[0]!,
    a: { block: blockOf(a), dtype: a.dtype, offset: a.offset, rowStride: 1, columnStride: rows },
    b: { block: blockOf(c), dtype: c.dtype, offset: c.offset, rowStride: columns, columnStride: 1 },
    c: { block: blockOf(outputs[0]!), offset: outputs[0]!.offset, rowStride: columns },
    groups: { by: "depth", ...groupsOf(offsets, 0) },
  });
}
