// The element types. f16 and bf16 are storage types: arithmetic on them runs in f32 and rounds on
// store. bool is stored as one 32-bit word (0 or 1), because WGSL has no smaller storage type and one
// layout on every backend keeps `write` and `read` plain byte copies.

import { DTypeError } from "./errors.ts";

export type DType = "f32" | "i32" | "u32" | "bool" | "f16" | "bf16";
/** The types a register of the expression IR can have. */
export type ComputeType = "f32" | "i32" | "u32" | "bool";
export type TypedArray = Float32Array | Int32Array | Uint32Array | Uint16Array;

interface DTypeInfo {
  readonly bytes: number;
  readonly compute: ComputeType;
  readonly array: new (buffer: ArrayBufferLike, byteOffset: number, length: number) => TypedArray;
}

const table: { readonly [D in DType]: DTypeInfo } = {
  f32: { bytes: 4, compute: "f32", array: Float32Array },
  i32: { bytes: 4, compute: "i32", array: Int32Array },
  u32: { bytes: 4, compute: "u32", array: Uint32Array },
  bool: { bytes: 4, compute: "bool", array: Uint32Array },
  f16: { bytes: 2, compute: "f32", array: Uint16Array },
  bf16: { bytes: 2, compute: "f32", array: Uint16Array },
};

export const dtypes: readonly DType[] = /* @__PURE__ */ Object.keys(table) as DType[];

/** Throws DTypeError if there is no such dtype. */
export function assertDType(op: string, dtype: DType): void {
  if (!dtypes.includes(dtype)) {
    throw new DTypeError(
      `${op}: there is no dtype ${String(dtype)}. Use one of ${dtypes.join(", ")}.`,
    );
  }
}

export function bytesPerElement(dtype: DType): number {
  return table[dtype].bytes;
}

/** The type arithmetic on `dtype` happens in. */
export function computeType(dtype: DType): ComputeType {
  return table[dtype].compute;
}

export function isFloat(dtype: DType): boolean {
  return table[dtype].compute === "f32";
}

/** A typed array over existing bytes; f16 and bf16 come as raw 16-bit words. */
export function viewBytes(
  dtype: DType,
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
): TypedArray {
  return new table[dtype].array(buffer, byteOffset, length);
}

/** bool < u32 < i32 < f16 < bf16 < f32; f16 with bf16 gives f32 (PyTorch's `promote_types`). */
export function promote(a: DType, b: DType): DType {
  if (a === b) return a;
  if (isFloat(a) && isFloat(b)) return "f32";
  if (isFloat(a)) return a;
  if (isFloat(b)) return b;
  return a === "i32" || b === "i32" ? "i32" : "u32";
}

const f32Scratch = new Float32Array(1);
const u32Scratch = new Uint32Array(f32Scratch.buffer);

/** Rounds to bfloat16, ties to even; NaN stays NaN. */
export function encodeBF16(value: number): number {
  f32Scratch[0] = value;
  const bits = u32Scratch[0]!;
  if (value !== value) return (bits >>> 16) | 0x40;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

export function decodeBF16(word: number): number {
  u32Scratch[0] = word << 16;
  return f32Scratch[0]!;
}

/** Rounds to IEEE half precision, ties to even, from a value that is first rounded to f32. */
export function encodeF16(value: number): number {
  f32Scratch[0] = value;
  const bits = u32Scratch[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude >= 0x7f800000) return sign | 0x7c00 | (magnitude > 0x7f800000 ? 0x200 : 0);
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Subnormal half: scale by 2^24 so that one unit is the smallest half, then round to an integer.
    const scaled = Math.abs(f32Scratch[0]!) * 16777216;
    const floor = Math.floor(scaled);
    const rest = scaled - floor;
    return sign | (rest > 0.5 || (rest === 0.5 && floor & 1) ? floor + 1 : floor);
  }
  return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
}

export function decodeF16(word: number): number {
  const magnitude = word & 0x7fff;
  // The same fields as an f32's, 112 exponents too low: subnormals come out right as well.
  u32Scratch[0] = magnitude << 13;
  const size = magnitude < 0x7c00 ? f32Scratch[0]! * 2 ** 112 : magnitude > 0x7c00 ? NaN : Infinity;
  return word & 0x8000 ? -size : size;
}
