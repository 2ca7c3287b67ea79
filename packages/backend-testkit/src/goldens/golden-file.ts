// Reads the golden files that tools/goldens/ops.py wrote with PyTorch: a manifest and one block of bytes.

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

/** From disk in Node; by fetch in a page, where the test server serves the folder. */
async function readBytes(url: URL): Promise<ArrayBuffer> {
  if (url.protocol !== "file:") return (await fetch(url)).arrayBuffer();
  const { readFile } = await import("node:fs/promises");
  return new Uint8Array(await readFile(url)).buffer;
}

async function folderUrl(folder: string): Promise<URL> {
  const { pathToFileURL } = await import("node:url");
  return pathToFileURL(folder.endsWith("/") ? folder : `${folder}/`);
}

/** `folder`: with fresh files from `ops.py --out`; default the committed ones. */
export async function loadGoldens(folder?: string): Promise<Goldens> {
  // Whole file names, because a page's bundler resolves exactly these expressions.
  const base = folder === undefined ? undefined : await folderUrl(folder);
  const manifestUrl = base
    ? new URL("torch-ops.json", base)
    : new URL("../../goldens/torch-ops.json", import.meta.url);
  const blockUrl = base
    ? new URL("torch-ops.bin", base)
    : new URL("../../goldens/torch-ops.bin", import.meta.url);
  const manifest = JSON.parse(new TextDecoder().decode(await readBytes(manifestUrl))) as Goldens;
  const bytes = await readBytes(blockUrl);
  return {
    ...manifest,
    values: ({ dtype, shape, at }) => viewBytes(dtype, bytes, at, sizeOf(shape)),
  };
}
