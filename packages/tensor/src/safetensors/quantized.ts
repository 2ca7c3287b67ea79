// Quantised weights in safetensors files: the packed elements under the weight's name, the scales under the
// name with a suffix, as DeepSeek-V3's checkpoints have `weight` (F8_E4M3) and `weight_scale_inv` (F32).

import type { Device } from "../core/device.ts";
import { ArgumentError, DTypeError } from "../errors.ts";
import type { QuantFormat } from "../quant/formats.ts";
import { quantizedFromBytes, type QuantizedWeight } from "../quant/quantized-weight.ts";
import type { TensorReader } from "./reader.ts";
import type { RawTensor } from "./safetensors.ts";

export interface LoadQuantizedOptions {
  /** Name of the scales. Default: the weight's name followed by "_scale_inv". */
  readonly scales?: string;
  /** As in QuantizedLayout; the default is the format's. */
  readonly block?: readonly [rows: number, columns: number];
}

const formatOf: { readonly [dtype: string]: QuantFormat } = {
  F8_E4M3: "fp8-e4m3",
  I8: "int8",
  U8: "int4",
};

/**
 * A weight in the precision it is stored in: F8_E4M3 as fp8-e4m3, I8 as int8, U8 as two int4 a byte (the
 * first in the low half). Throws FormatError where elements and scales do not fit.
 */
export async function loadQuantized(
  device: Device,
  reader: TensorReader,
  name: string,
  { scales = `${name}_scale_inv`, block }: LoadQuantizedOptions = {},
): Promise<QuantizedWeight> {
  const bytes = await reader.bytes(name);
  const { dtype, shape } = reader.entries.get(name)!;
  const format = formatOf[dtype];
  if (format === undefined) {
    throw new DTypeError(
      `loadQuantized: ${JSON.stringify(name)} is ${dtype}; F8_E4M3, I8 or U8 is expected. Use reader.load().`,
    );
  }
  const [rows = 0, columns = 0] = shape;
  using factors = await reader.load(device, scales);
  const layout = {
    format,
    shape: [rows, format === "int4" ? 2 * columns : columns] as const,
    ...(block && { block }),
  };
  return quantizedFromBytes(device, layout, bytes, await factors.data());
}

/**
 * The two entries that `loadQuantized` reads, for `saveSafetensors`. An int4 weight needs an even number of
 * columns: the file could not tell.
 */
export async function storedQuantized(
  name: string,
  weight: QuantizedWeight,
): Promise<Record<string, RawTensor>> {
  if (weight.format === "int4" && weight.shape[1] % 2 === 1) {
    throw new ArgumentError(
      `storedQuantized: int4 needs an even number of columns, ${name} has ${weight.shape[1]}. Pad it by one.`,
    );
  }
  const { bytes, scales } = await weight.toBytes();
  const dtype = weight.format === "fp8-e4m3" ? "F8_E4M3" : weight.format === "int8" ? "I8" : "U8";
  const [rows, columns] = weight.shape;
  const [R, C] = weight.block;
  return {
    [name]: { dtype, shape: [rows, bytes.byteLength / rows], bytes },
    [`${name}_scale_inv`]: {
      dtype: "F32",
      shape: [Math.ceil(rows / R), Math.ceil(columns / C)],
      bytes: new Uint8Array(scales.buffer, scales.byteOffset, scales.byteLength),
    },
  };
}
