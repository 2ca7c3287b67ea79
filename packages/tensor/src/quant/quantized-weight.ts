// A weight matrix in 8 or 4 bits an element, with one scale for each block. It is no tensor: it stands
// where a weight stands (linear, nn.Linear), takes the memory of its bits, and is made f32 a panel of rows
// at a time while a product runs.

import { ArgumentError, FormatError, ShapeError } from "../errors.ts";
import type { Device } from "../core/device.ts";
import { tensor } from "../create/tensor.ts";
import { dequantize } from "../ops/dequantize/dequantize.ts";
import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { quantFormats, type QuantFormat } from "./formats.ts";

export interface QuantizedLayout {
  readonly format: QuantFormat;
  /** [out, in], as PyTorch's Linear. */
  readonly shape: readonly [rows: number, columns: number];
  /**
   * Rows and columns that share a scale. Default [1, 128] for int8, [1, 32] for int4, and [128, 128] for
   * fp8-e4m3 (DeepSeek-V3 technical report, section 3.3). Columns must be a multiple of 8.
   */
  readonly block?: readonly [rows: number, columns: number];
}

export class QuantizedWeight implements Disposable {
  readonly device: Device;
  readonly format: QuantFormat;
  readonly shape: readonly [rows: number, columns: number];
  readonly block: readonly [rows: number, columns: number];
  readonly #words: Tensor; // u32 [Rows, Columns / perWord], both padded to whole blocks
  readonly #scales: Tensor; // f32 [Rows / R, Columns / C]

  /** Use `quantize`, `quantizedFromBytes` or a reader's `loadQuantized`. */
  constructor(layout: Required<QuantizedLayout>, words: Tensor, scales: Tensor) {
    this.device = words.device;
    this.format = layout.format;
    this.shape = layout.shape;
    this.block = layout.block;
    this.#words = words;
    this.#scales = scales;
  }

  /** @internal What a kernel reads: u32 words and f32 scales, both contiguous. */
  get stored(): readonly [words: Tensor, scales: Tensor] {
    return [this.#words, this.#scales];
  }

  /** What it takes on the device. */
  get byteLength(): number {
    return 4 * (this.#words.size + this.#scales.size);
  }

  /**
   * The weight as f32 [rows, columns], or `count` rows of it from `start`, a multiple of the block's rows.
   */
  dequantize(start: number = 0, count: number = this.shape[0] - start): Tensor {
    const [R, C] = this.block;
    if (start % R !== 0 || start < 0 || count < 0 || start + count > this.shape[0]) {
      throw new ArgumentError(
        `dequantize: expected rows from a multiple of ${R} within 0..${this.shape[0]}, got ${count} from ${start}.`,
      );
    }
    const [blocks, width] = [Math.ceil(count / R), this.#scales.shape[1]!];
    return this.device.tidy(() => {
      const words = this.#words
        .narrow(0, start, blocks * R)
        .reshape([blocks, R, width, (C * quantFormats[this.format].bits) / 32]);
      const scales = this.#scales.narrow(0, start / R, blocks).reshape([blocks, 1, width, 1]);
      const values = dequantize(words, scales, this.format).reshape([blocks * R, width * C]);
      return values.slice([
        [0, count],
        [0, this.shape[1]],
      ]);
    });
  }

  /** The elements and scales as `quantizedFromBytes` takes them. */
  async toBytes(): Promise<{ bytes: Uint8Array; scales: Float32Array<ArrayBuffer> }> {
    const [rows, columns] = this.shape;
    const words = (await this.#words.data()) as Uint32Array;
    const packed = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    const paddedBytes = 4 * this.#words.shape[1]!;
    const rowBytes = Math.ceil((columns * quantFormats[this.format].bits) / 8);
    const bytes = new Uint8Array(rows * rowBytes);
    for (let row = 0; row < rows; row++) {
      bytes.set(packed.subarray(row * paddedBytes, row * paddedBytes + rowBytes), row * rowBytes);
    }
    return { bytes, scales: Float32Array.from(await this.#scales.data()) };
  }

  dispose(): void {
    this.#words.dispose();
    this.#scales.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * A weight from stored bytes: one byte an element, row by row (int4: two an element's byte, the first in
 * the low half, each row starting a byte), and scales [⌈rows / R⌉, ⌈columns / C⌉] that multiply. That is
 * how DeepSeek-V3's checkpoints hold `weight` (F8_E4M3) and `weight_scale_inv`.
 * Throws FormatError if the lengths do not fit.
 */
export function quantizedFromBytes(
  device: Device,
  layout: QuantizedLayout,
  bytes: Uint8Array,
  scales: ArrayLike<number>,
): QuantizedWeight {
  const full = checkLayout(layout);
  const {
    shape: [rows, columns],
    block: [R, C],
    format,
  } = full;
  const { bits } = quantFormats[format];
  const rowBytes = Math.ceil((columns * bits) / 8);
  const [down, across] = [Math.ceil(rows / R), Math.ceil(columns / C)];
  if (bytes.byteLength !== rows * rowBytes || scales.length !== down * across) {
    throw new FormatError(
      `quantizedFromBytes: ${format} ${formatShape(full.shape)} in blocks of ${R} × ${C} needs ${rows * rowBytes} ` +
        `bytes and ${down * across} scales, got ${bytes.byteLength} and ${scales.length}.`,
    );
  }
  const paddedBytes = (across * C * bits) / 8;
  const packed = new Uint8Array(down * R * paddedBytes);
  for (let row = 0; row < rows; row++) {
    packed.set(bytes.subarray(row * rowBytes, (row + 1) * rowBytes), row * paddedBytes);
  }
  return device.unscoped(() => {
    const words = tensor(device, new Uint32Array(packed.buffer), {
      shape: [down * R, paddedBytes / 4],
    });
    return new QuantizedWeight(
      full,
      words,
      tensor(device, Float32Array.from(scales), { shape: [down, across] }),
    );
  });
}

/** Fills in the block and checks the rest. */
export function checkLayout({ format, shape, block }: QuantizedLayout): Required<QuantizedLayout> {
  const info = quantFormats[format];
  if (info === undefined) {
    throw new ArgumentError(
      `quantize: expected the format ${Object.keys(quantFormats).join(", ")}, got ${JSON.stringify(format)}.`,
    );
  }
  const whole = (n: number) => Number.isSafeInteger(n) && n > 0;
  const [rows, columns] = block ?? info.block;
  if (!whole(rows) || !whole(columns) || columns % 8 !== 0) {
    throw new ArgumentError(
      `quantize: a block is rows ≥ 1 by columns in multiples of 8, got ${rows} × ${columns}.`,
    );
  }
  if (shape.length !== 2 || !shape.every(whole)) {
    throw new ShapeError(`quantize: expected a weight [out, in], got ${formatShape(shape)}.`);
  }
  return { format, shape, block: [rows, columns] };
}
