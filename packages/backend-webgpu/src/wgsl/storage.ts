// How elements lie in memory. Words of 32 bits are arrays of their type; f16 and bf16 are two to a word,
// converted by integer arithmetic, so that infinities, NaN and subnormals survive on every device.

import type { DType } from "@sixtyone/tensor/backend";
import { mathText, type MathName } from "./math.ts";

export function isHalf(dtype: DType): boolean {
  return dtype === "f16" || dtype === "bf16";
}

/** The WGSL type of a buffer's elements when it is read. */
export function readType(dtype: DType): string {
  if (dtype === "f32" || dtype === "i32") return dtype;
  return "u32";
}

/** Halves are written by threads that do not know of each other: their words are atomic. */
export function writeType(dtype: DType): string {
  return isHalf(dtype) ? "atomic<u32>" : readType(dtype);
}

const halfText: string = `
fn decodeF16(h: u32) -> f32 {
  let sign = (h & 0x8000u) << 16u;
  let magnitude = h & 0x7fffu;
  if (magnitude < 0x0400u) {
    let x = f32(magnitude) * 5.9604644775390625e-8;
    return bitcast<f32>(bitcast<u32>(x) | sign);
  }
  if (magnitude >= 0x7c00u) { return bitcast<f32>(sign | 0x7f800000u | ((magnitude & 0x03ffu) << 13u)); }
  return bitcast<f32>(sign | ((magnitude << 13u) + 0x38000000u));
}
fn decodeBF16(h: u32) -> f32 { return bitcast<f32>(h << 16u); }
fn encodeBF16(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) { return (bits >> 16u) | 0x40u; }
  return (bits + 0x7fffu + ((bits >> 16u) & 1u)) >> 16u;
}
fn encodeF16(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let sign = (bits >> 16u) & 0x8000u;
  let magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) { return sign | 0x7e00u; }
  if (magnitude >= 0x477ff000u) { return sign | 0x7c00u; }
  if (magnitude >= 0x38800000u) {
    return sign | ((magnitude - 0x38000000u + 0x0fffu + ((magnitude >> 13u) & 1u)) >> 13u);
  }
  if (magnitude < 0x33000000u) { return sign; }
  let shift = 126u - (magnitude >> 23u);
  let m = (magnitude & 0x007fffffu) | 0x00800000u;
  let rest = m & ((1u << shift) - 1u);
  let half = 1u << (shift - 1u);
  let floor = m >> shift;
  return sign | (floor + select(0u, 1u, rest > half || (rest == half && (floor & 1u) == 1u)));
}`;

/** The element of `buffer` at `at` (an expression of type u32), in its compute type. */
export function loadText(buffer: string, dtype: DType, at: string): string {
  if (dtype === "bool") return `(${buffer}[${at}] != 0u)`;
  if (dtype === "f16")
    return `decodeF16((${buffer}[(${at}) >> 1u] >> (((${at}) & 1u) * 16u)) & 0xffffu)`;
  if (dtype === "bf16") {
    return `decodeBF16((${buffer}[(${at}) >> 1u] >> (((${at}) & 1u) * 16u)) & 0xffffu)`;
  }
  return `${buffer}[${at}]`;
}

/** Stores `value` (of the dtype's compute type). Other halves of the word stay as they are. */
export function storeText(buffer: string, dtype: DType, at: string, value: string): string {
  if (dtype === "bool") return `${buffer}[${at}] = select(0u, 1u, ${value});`;
  if (!isHalf(dtype)) return `${buffer}[${at}] = ${value};`;
  const encode = dtype === "f16" ? "encodeF16" : "encodeBF16";
  return `{
    let word = (${at}) >> 1u;
    let shift = ((${at}) & 1u) * 16u;
    atomicAnd(&${buffer}[word], ~(0xffffu << shift));
    atomicOr(&${buffer}[word], ${encode}(${value}) << shift);
  }`;
}

/** The functions a shader calls. */
export function declarations(needs: Iterable<MathName>, hasHalves: boolean): string {
  return (hasHalves ? `${halfText}\n` : "") + mathText(needs);
}
