// The safetensors format (https://github.com/huggingface/safetensors): 8 bytes little-endian header
// length, a JSON header of { name: { dtype, shape, data_offsets } }, then the bytes. Everything a header
// claims is checked before a byte of data is touched: a file is either right or refused.

import { FormatError } from "../errors.ts";

export type SafetensorsDType =
  | "F64"
  | "F32"
  | "F16"
  | "BF16"
  | "C64"
  | "F8_E4M3"
  | "F8_E5M2"
  | "F8_E8M0"
  | "F8_E4M3FNUZ"
  | "F8_E5M2FNUZ"
  | "F6_E2M3"
  | "F6_E3M2"
  | "F4"
  | "I64"
  | "I32"
  | "I16"
  | "I8"
  | "U64"
  | "U32"
  | "U16"
  | "U8"
  | "BOOL";

/** Bits an element; all that version 0.8 of the format knows. */
export const bitsOf: { readonly [D in SafetensorsDType]: number } = {
  F64: 64,
  F32: 32,
  F16: 16,
  BF16: 16,
  C64: 64,
  F8_E4M3: 8,
  F8_E5M2: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  F6_E2M3: 6,
  F6_E3M2: 6,
  F4: 4,
  I64: 64,
  I32: 32,
  I16: 16,
  I8: 8,
  U64: 64,
  U32: 32,
  U16: 16,
  U8: 8,
  BOOL: 8,
};

export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  /** Where the data lies, in bytes from the start of the file. */
  readonly start: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The header may be this long at most, as in the Rust implementation. */
const maxHeaderBytes = 100_000_000;

function fail(file: string, problem: string): never {
  throw new FormatError(
    `${file}: not a valid safetensors file: ${problem}. Download or write the file again.`,
  );
}

/** The header's length from the first 8 bytes of a file of `fileBytes` bytes. */
export function headerLength(bytes: Uint8Array, fileBytes: number, file: string): number {
  if (bytes.byteLength < 8)
    fail(file, `${fileBytes} bytes are too few for the 8-byte header length`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (length > maxHeaderBytes || length > fileBytes - 8) {
    fail(file, `the header claims ${length} bytes, the file has ${fileBytes - 8} after its length`);
  }
  return length;
}

/** Parses and checks a header (the bytes after the length) of a file of `fileBytes` bytes. */
export function parseHeader(bytes: Uint8Array, fileBytes: number, file: string): SafetensorsHeader {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new FormatError(`${file}: the safetensors header is not UTF-8 JSON. Is it this format?`, {
      cause,
    });
  }
  if (!isRecord(json)) fail(file, "the header is not a JSON object");
  const dataStart = 8 + bytes.byteLength;
  const entries = new Map<string, SafetensorsEntry>();
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(json)) {
    if (name === "__metadata__") metadata = parseMetadata(value, file);
    else entries.set(name, parseEntry(name, value, dataStart, file));
  }
  checkLayout([...entries.values()], dataStart, fileBytes, file);
  return { entries, metadata };
}

function parseMetadata(value: unknown, file: string): Record<string, string> {
  if (!isRecord(value) || Object.values(value).some((v) => typeof v !== "string")) {
    fail(file, "__metadata__ must map strings to strings");
  }
  return value as Record<string, string>;
}

function parseEntry(
  name: string,
  value: unknown,
  dataStart: number,
  file: string,
): SafetensorsEntry {
  const label = JSON.stringify(name);
  if (!isRecord(value)) fail(file, `entry ${label} is not an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string" || !Object.hasOwn(bitsOf, dtype)) {
    fail(file, `entry ${label} has the unknown dtype ${JSON.stringify(dtype)}`);
  }
  if (!isSizes(shape)) fail(file, `entry ${label} has the shape ${JSON.stringify(shape)}`);
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    fail(file, `entry ${label} has the data_offsets ${JSON.stringify(offsets)}`);
  }
  const size = shape.reduce((product, dim) => product * dim, 1);
  const expected = (size * bitsOf[dtype as SafetensorsDType]) / 8;
  if (!Number.isSafeInteger(expected) || expected !== offsets[1]! - offsets[0]!) {
    fail(
      file,
      `entry ${label}, ${dtype} [${shape.join(", ")}], needs ${expected} bytes and has ` +
        `${offsets[1]! - offsets[0]!}`,
    );
  }
  return {
    name,
    dtype: dtype as SafetensorsDType,
    shape,
    start: dataStart + offsets[0]!,
    end: dataStart + offsets[1]!,
  };
}

/** The data must lie without gap or overlap, up to the end of the file (the format's own rule). */
function checkLayout(
  entries: SafetensorsEntry[],
  dataStart: number,
  fileBytes: number,
  file: string,
): void {
  let position = dataStart;
  for (const { name, start, end } of entries.sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start !== position) {
      fail(file, `entry ${JSON.stringify(name)} starts at byte ${start}, expected ${position}`);
    }
    position = end;
  }
  if (position !== fileBytes) {
    fail(file, `the header describes ${position} bytes, the file has ${fileBytes}`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((x) => Number.isSafeInteger(x) && x >= 0);
}
