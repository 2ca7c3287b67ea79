// Launches products with a quantised weight: the matrix product, whose B has fewer bits and scales.

import type { Binding, LaunchOf } from "@sixtyone/tensor/backend";
import type { WasmBuffer } from "../buffer.ts";
import { addressOf, type Context } from "./context.ts";
import { multiply } from "./matmul.ts";

/** Element kinds as assembly/gemm/decode.ts numbers them. */
const kinds = { int8: 4, int4: 5, "fp8-e4m3": 6 } as const;

export function quantizedMatmul(
  { params, inputs, outputs }: LaunchOf<"quantizedMatmul">,
  context: Context,
): void {
  const [x, words, scales] = inputs as [Binding, Binding, Binding];
  const {
    format,
    shape: [rows, columns],
    block: [blockRows, blockColumns],
    transposed,
  } = params;
  const [count, inner] = x.shape as [number, number];
  const across = scales.shape[1]!;
  const rowElements = across * blockColumns;
  const width = transposed ? rows : columns;
  multiply(context, {
    rows: count,
    columns: width,
    inner,
    a: { address: addressOf(x), rowStride: inner, columnStride: 1, kind: 0 },
    b: {
      address: addressOf(words),
      kind: kinds[format],
      rowStride: transposed ? 1 : rowElements,
      columnStride: transposed ? rowElements : 1,
      scales: { address: addressOf(scales), across, blockRows, blockColumns, rowElements },
      sources: [words.buffer as WasmBuffer, scales.buffer as WasmBuffer],
    },
    c: { address: addressOf(outputs[0]!), rowBytes: width * 4 },
    accumulate: false,
    batch: [],
  });
}
