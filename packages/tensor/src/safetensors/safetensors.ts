// Tensors to and from safetensors bytes. Our dtypes map one to one where they can (f32, f16, bf16, i32,
// u32, bool). The reader widens the rest; F64 alone is rounded, to f32. What no tensor can hold is refused,
// and its bytes are there for whoever knows what they mean.

import { decodeF16, type DType, type TypedArray } from "../dtype.ts";
import { ArgumentError, DTypeError } from "../errors.ts";
import type { Device } from "../core/device.ts";
import { tensor } from "../create/tensor.ts";
import type { Tensor } from "../tensor.ts";
import {
  bitsOf,
  headerLength,
  parseHeader,
  type SafetensorsDType,
  type SafetensorsEntry,
} from "./format.ts";

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** An entry as bytes, for dtypes that no tensor has (I8, F8_E4M3, I64, …). Little-endian, row by row. */
export interface RawTensor {
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export interface LoadOptions {
  /** What to call the file in errors. */
  readonly file?: string;
  /** Which tensors to load. Default: all. */
  readonly filter?: (name: string) => boolean;
}

/** Loads a whole file from memory. Throws FormatError on anything the format does not allow. */
export function loadSafetensors(
  device: Device,
  bytes: Uint8Array,
  { file = "safetensors", filter = () => true }: LoadOptions = {},
): SafetensorsFile {
  const length = headerLength(bytes, bytes.byteLength, file);
  const header = parseHeader(bytes.subarray(8, 8 + length), bytes.byteLength, file);
  const tensors = new Map<string, Tensor>();
  for (const entry of header.entries.values()) {
    if (!filter(entry.name)) continue;
    const data = bytes.subarray(entry.start, entry.end);
    tensors.set(entry.name, decodeEntry(device, entry, data, header.entries));
  }
  return { tensors, metadata: header.metadata };
}

/**
 * One entry's bytes as a tensor. I64 and U64 become i32 and u32 if every value fits. `entries` are all of the
 * file: eight-bit floats that have block scales there mean nothing without them.
 */
export function decodeEntry(
  device: Device,
  entry: SafetensorsEntry,
  bytes: Uint8Array,
  entries: ReadonlyMap<string, SafetensorsEntry>,
): Tensor {
  // A copy of its own: aligned whatever the offset in the file (Buffer.slice would share memory).
  const data = new Uint8Array(bytes).buffer;
  const { shape } = entry;
  const make = (values: TypedArray, dtype: DType) => tensor(device, values, { shape, dtype });
  switch (entry.dtype) {
    case "F32":
      return make(new Float32Array(data), "f32");
    case "F16":
      return make(new Uint16Array(data), "f16");
    case "BF16":
      return make(new Uint16Array(data), "bf16");
    case "F64":
      return make(Float32Array.from(new Float64Array(data)), "f32");
    case "I32":
      return make(new Int32Array(data), "i32");
    case "U32":
      return make(new Uint32Array(data), "u32");
    case "I16":
      return make(Int32Array.from(new Int16Array(data)), "i32");
    case "I8":
      return make(Int32Array.from(new Int8Array(data)), "i32");
    case "U16":
      return make(Uint32Array.from(new Uint16Array(data)), "u32");
    case "U8":
      return make(Uint32Array.from(new Uint8Array(data)), "u32");
    case "BOOL":
      return make(Uint32Array.from(new Uint8Array(data)), "bool");
    case "I64":
      return make(
        Int32Array.from(new BigInt64Array(data), (x) => narrow(entry, x, 31n)),
        "i32",
      );
    case "U64":
      return make(
        Uint32Array.from(new BigUint64Array(data), (x) => narrow(entry, x, 32n)),
        "u32",
      );
    case "F8_E4M3":
    case "F8_E5M2":
    case "F8_E8M0": {
      if (entries.has(`${entry.name}_scale_inv`)) {
        throw new DTypeError(
          `safetensors: ${JSON.stringify(entry.name)} is ${entry.dtype}, which has no meaning without its ` +
            `block scales. Use loadQuantized.`,
        );
      }
      return make(Float32Array.from(new Uint8Array(data), eightBitFloats[entry.dtype]), "f32");
    }
    case "F8_E4M3FNUZ":
    case "F8_E5M2FNUZ":
    case "F6_E2M3":
    case "F6_E3M2":
    case "F4":
    case "C64":
      throw new DTypeError(
        `safetensors: ${JSON.stringify(entry.name)} is ${entry.dtype}, which no tensor can hold. ` +
          `Read its bytes: (await openSafetensors(source)).bytes(name).`,
      );
  }
}

/** OCP's eight-bit formats, exact in f32: E5M2 is the upper half of an f16, E8M0 a power of two. */
const eightBitFloats = {
  F8_E4M3: (code: number): number => {
    const [exponent, mantissa] = [(code >> 3) & 15, code & 7];
    if (exponent === 15 && mantissa === 7) return NaN;
    const magnitude = exponent === 0 ? mantissa * 2 ** -9 : (8 + mantissa) * 2 ** (exponent - 10);
    return code & 128 ? -magnitude : magnitude;
  },
  F8_E5M2: (code: number): number => decodeF16(code << 8),
  F8_E8M0: (code: number): number => (code === 255 ? NaN : 2 ** (code - 127)),
} as const;

function narrow(entry: SafetensorsEntry, value: bigint, bits: bigint): number {
  const limit = 1n << bits;
  if (value >= limit || value < -limit) {
    throw new DTypeError(
      `safetensors: ${JSON.stringify(entry.name)} holds ${value}, which does not fit 32 bits.`,
    );
  }
  return Number(value);
}

const writtenAs: { readonly [D in DType]: SafetensorsDType } = {
  f32: "F32",
  f16: "F16",
  bf16: "BF16",
  i32: "I32",
  u32: "U32",
  bool: "BOOL",
};

/** The bytes of a file with these tensors, in the order given. Reads them from their device. */
export async function saveSafetensors(
  tensors: ReadonlyMap<string, Tensor | RawTensor> | Readonly<Record<string, Tensor | RawTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Uint8Array<ArrayBuffer>> {
  for (const [key, value] of Object.entries(metadata)) {
    // What only JavaScript's callers can pass; no reader takes it.
    if (typeof value !== "string") {
      throw new ArgumentError(
        `safetensors: the metadata ${JSON.stringify(key)} is a ${typeof value}. The format has strings only: String(x).`,
      );
    }
  }
  const list = tensors instanceof Map ? [...tensors] : Object.entries(tensors);
  // Without a prototype: "constructor" and "__proto__" are names like any other.
  const header = Object.create(null) as Record<string, unknown>;
  if (Object.keys(metadata).length > 0) header["__metadata__"] = metadata;
  const parts: Uint8Array[] = [];
  let position = 0;
  for (const [name, x] of list as [string, Tensor | RawTensor][]) {
    if (name === "__metadata__" || name in header) {
      throw new ArgumentError(`safetensors: the tensor name ${JSON.stringify(name)} is taken.`);
    }
    const { dtype, shape, bytes } = "bytes" in x ? checkRaw(name, x) : await encodeTensor(x);
    header[name] = {
      dtype,
      shape,
      data_offsets: [position, position + bytes.byteLength],
    };
    parts.push(bytes);
    position += bytes.byteLength;
  }
  return assemble(header, parts, position);
}

function assemble(
  header: Record<string, unknown>,
  parts: readonly Uint8Array[],
  dataBytes: number,
): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(json.byteLength / 8) * 8; // padded with spaces: the data starts aligned
  const out = new Uint8Array(8 + length + dataBytes);
  new DataView(out.buffer).setUint32(0, length, true);
  out.fill(0x20, 8, 8 + length);
  out.set(json, 8);
  let position = 8 + length;
  for (const part of parts) {
    out.set(part, position);
    position += part.byteLength;
  }
  return out;
}

async function encodeTensor(x: Tensor): Promise<RawTensor> {
  const raw = await x.device.read(x.contiguous().lazy.view());
  const bytes =
    x.dtype === "bool"
      ? Uint8Array.from(raw, (value) => (value ? 1 : 0))
      : new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength);
  return { dtype: writtenAs[x.dtype], shape: x.shape, bytes };
}

function checkRaw(name: string, raw: RawTensor): RawTensor {
  const expected = raw.shape.reduce((product, dim) => product * dim, bitsOf[raw.dtype]) / 8;
  if (expected !== raw.bytes.byteLength) {
    throw new ArgumentError(
      `safetensors: ${JSON.stringify(name)}, ${raw.dtype} [${raw.shape.join(", ")}], needs ${expected} bytes, ` +
        `got ${raw.bytes.byteLength}.`,
    );
  }
  return raw;
}
