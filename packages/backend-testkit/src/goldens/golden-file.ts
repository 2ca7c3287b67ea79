// Reads the golden files that tools/goldens/ops.py wrote with PyTorch: a manifest and one block of bytes.

import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import {
  sizeOf,
  viewBytes,
  type DType,
  type Shape,
  type TypedArray,
} from "@sixtyone/tensor/backend";

/** An array in the block of bytes. */
export interface GoldenArray {
  readonly dtype: DType;
  readonly shape: Shape;
  /** Byte offset. */
  readonly at: number;
}

export interface GoldenCase {
  readonly op: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly inputs: readonly GoldenArray[];
  readonly outputs: readonly GoldenArray[];
  /** The gradient that flows into each output; null where none does. */
  readonly seeds?: readonly (GoldenArray | null)[];
  /** The gradient of each input; null where it has none. */
  readonly gradients?: readonly (GoldenArray | null)[];
}

export interface Goldens {
  readonly versions: Readonly<Record<string, string>>;
  readonly seed: number;
  readonly cases: readonly GoldenCase[];
  /** f16 and bf16 come as raw 16-bit words. */
  readonly values: (array: GoldenArray) => TypedArray;
}

/** `folder`: with fresh files from `ops.py --out`; default the committed ones. */
export async function loadGoldens(folder?: string): Promise<Goldens> {
  const base =
    folder === undefined
      ? new URL("../../goldens/", import.meta.url)
      : pathToFileURL(folder.endsWith("/") ? folder : `${folder}/`);
  const manifest = JSON.parse(await readFile(new URL("torch-ops.json", base), "utf8")) as Goldens;
  const block = await readFile(new URL("torch-ops.bin", base));
  const bytes = new Uint8Array(block).buffer;
  return {
    ...manifest,
    values: ({ dtype, shape, at }) => viewBytes(dtype, bytes, at, sizeOf(shape)),
  };
}
