// Quantising a weight: one pass on the host, since it is done once. Each block's scale maps its largest
// magnitude to the format's largest value.

import { ArgumentError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { quantFormats } from "./formats.ts";
import {
  checkLayout,
  quantizedFromBytes,
  type QuantizedLayout,
  type QuantizedWeight,
} from "./quantized-weight.ts";

export type QuantizeOptions = Omit<QuantizedLayout, "shape">;

/**
 * The weight [out, in] in the given format. Reads it from its device, hence the promise. An infinite or
 * NaN element throws ArgumentError: its block would have no scale.
 */
export async function quantize(weight: Tensor, options: QuantizeOptions): Promise<QuantizedWeight> {
  const layout = checkLayout({ ...options, shape: weight.shape as [number, number] });
  const {
    shape: [rows, columns],
    block: [R, C],
  } = layout;
  const { bits, max, encode } = quantFormats[layout.format];
  const values = await weight.data();
  const across = Math.ceil(columns / C);
  const scales = blockMaxima(values, layout).map((largest) => largest / max);
  const rowBytes = Math.ceil((columns * bits) / 8);
  const bytes = new Uint8Array(rows * rowBytes);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const scale = scales[Math.floor(row / R) * across + Math.floor(column / C)]!;
      const field = encode(scale === 0 ? 0 : Math.fround(values[row * columns + column]! / scale));
      const position = column * bits;
      bytes[row * rowBytes + (position >> 3)]! |= field << (position & 7);
    }
  }
  return quantizedFromBytes(weight.device, layout, bytes, scales);
}

function blockMaxima(
  values: ArrayLike<number>,
  { shape: [rows, columns], block: [R, C] }: Required<QuantizedLayout>,
): Float32Array {
  const across = Math.ceil(columns / C);
  const maxima = new Float32Array(Math.ceil(rows / R) * across);
  for (let i = 0; i < rows * columns; i++) {
    const magnitude = Math.abs(values[i]!);
    const [row, column] = [Math.floor(i / columns), i % columns];
    if (!Number.isFinite(magnitude)) {
      throw new ArgumentError(
        `quantize: expected finite numbers, got ${values[i]} at [${row}, ${column}]. Repair the weight first.`,
      );
    }
    const block = Math.floor(row / R) * across + Math.floor(column / C);
    if (magnitude > maxima[block]!) maxima[block] = magnitude;
  }
  return maxima;
}
