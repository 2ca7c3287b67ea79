// Launches matmul: merges batch axes and folds a batch that shares B into rows.

import { type Binding, type LaunchOf } from "@sixtyone/tensor/backend";
import { blockOf, type Context } from "./context.ts";
import { multiply, type Operand } from "./product.ts";
import { mergedSpace } from "./space.ts";

export function operandOf(view: Binding): Operand {
  const rank = view.shape.length;
  return {
    block: blockOf(view),
    dtype: view.dtype,
    offset: view.offset,
    rowStride: view.strides[rank - 2]!,
    columnStride: view.strides[rank - 1]!,
  };
}

export function matmul({ inputs, outputs }: LaunchOf<"matmul">, context: Context): void {
  const [left, right] = inputs as [Binding, Binding];
  const output = outputs[0]!;
  const rank = left.shape.length;
  let rows = left.shape[rank - 2]!;
  const inner = left.shape[rank - 1]!;
  const columns = right.shape[right.shape.length - 1]!;
  const space = mergedSpace(left.shape.slice(0, -2), [
    left.strides.slice(0, -2),
    right.strides.slice(0, -2),
  ]);
  const batch = space.dims.map((size, axis) => ({
    size,
    a: space.strides[0]![axis]!,
    b: space.strides[1]![axis]!,
  }));
  let a = operandOf(left);
  // One matrix against a batch whose rows follow one another (x · W): a single tall product.
  for (let last = batch.at(-1); last && last.b === 0; last = batch.at(-1)) {
    if (rows !== 1 && last.a !== a.rowStride * rows) break;
    if (rows === 1) a = { ...a, rowStride: last.a };
    rows *= last.size;
    batch.pop();
  }
  multiply(context, {
    rows,
    columns,
    inner,
    a,
    b: operandOf(right),
    batch,
    c: { block: blockOf(output), offset: output.offset, rowStride: columns },
  });
}
