// Weights in fewer bits: runs of a matrix that is stored in f16, bf16, fp8, int8 or int4 as f32 in scratch
// memory, eight elements a turn. Products then read what they always read.
//
// Quantised matrices (fp8-e4m3, int8, int4; packages/tensor/src/quant) are rows of whole blocks of C
// columns, C a multiple of 8, with one scale for each R × C elements; elements are packed from the lowest
// bits of their bytes. fp8-e4m3 is OCP's format: bias 7, no infinity, 0x7f is NaN.

import { widenF16 } from "../simd";
import { loadElement } from "../vm/access";
import { KIND_BF16, KIND_F16 } from "../vm/layout";

export const KIND_INT8: i32 = 4;
export const KIND_INT4: i32 = 5;
export const KIND_FP8: i32 = 6;

// Where gemm's parameter block describes the scales.
export const Q_SCALES: usize = 92; // address
export const Q_ACROSS: usize = 96; // scales in a row of blocks
export const Q_ROWS: usize = 100; // R
export const Q_COLUMNS: usize = 104; // C
export const Q_LD: usize = 108; // elements from row to row

// @ts-ignore: decorator
@inline
export function isQuantized(kind: i32): bool {
  return kind >= KIND_INT8;
}

function decodeHalves(kind: i32, base: usize, offset: i32, n: i32, to: usize): void {
  let from = base + (<usize>offset << 1);
  let i = 0;
  for (; i + 4 <= n; i += 4, from += 8, to += 16) {
    const x = v128.load16x4_u(from);
    v128.store(to, kind == KIND_BF16 ? i32x4.shl(x, 16) : widenF16(x));
  }
  for (; i < n; i++, from += 2, to += 4) store<u32>(to, loadElement(kind, from, 0));
}

/** Sixteen-bit integers times a scale. */
// @ts-ignore: decorator
@inline
function storeScaled(x: v128, scale: v128, to: usize): void {
  v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(x)), scale));
  v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(x)), scale), 16);
}

function decodeInt8(from: usize, n: i32, scale: f32, to: usize): void {
  const s = f32x4.splat(scale);
  for (let i = 0; i < n; i += 8, from += 8, to += 32) storeScaled(v128.load8x8_s(from), s, to);
}

function decodeInt4(from: usize, n: i32, scale: f32, to: usize): void {
  const s = f32x4.splat(scale), low = i8x16.splat(15), sign = i8x16.splat(8);
  for (let i = 0; i < n; i += 8, from += 4, to += 32) {
    const bytes = v128.load32_zero(from);
    const pairs = i8x16.shuffle(
      v128.and(bytes, low), i8x16.shr_u(bytes, 4), 0, 16, 1, 17, 2, 18, 3, 19, 0, 0, 0, 0, 0, 0, 0, 0,
    );
    storeScaled(i16x8.extend_low_i8x16_s(i8x16.sub(v128.xor(pairs, sign), sign)), s, to);
  }
}

/** Exponent and mantissa move to their places in an f32; 2^120 makes up for the bias, exactly. */
// @ts-ignore: decorator
@inline
function fp8Values(x: v128): v128 {
  const magnitude = v128.and(x, i32x4.splat(0x7f));
  const value = f32x4.mul(i32x4.shl(magnitude, 20), f32x4.splat(1.329227995784916e36));
  const nan = i32x4.eq(magnitude, i32x4.splat(0x7f));
  const sign = i32x4.shl(v128.and(x, i32x4.splat(0x80)), 24);
  return v128.or(v128.or(value, sign), nan);
}

function decodeFp8(from: usize, n: i32, scale: f32, to: usize): void {
  const s = f32x4.splat(scale);
  for (let i = 0; i < n; i += 8, from += 8, to += 32) {
    const x = v128.load8x8_u(from);
    v128.store(to, f32x4.mul(fp8Values(i32x4.extend_low_i16x8_u(x)), s));
    v128.store(to, f32x4.mul(fp8Values(i32x4.extend_high_i16x8_u(x)), s), 16);
  }
}

/**
 * Elements offset.. offset + n of the matrix at `base` as f32 at `to`; p is gemm's parameter block. A
 * quantised run starts at a multiple of 8 and is written in whole eights.
 */
export function decodeRun(p: usize, kind: i32, base: usize, offset: i32, n: i32, to: usize): void {
  if (!isQuantized(kind)) {
    decodeHalves(kind, base, offset, n, to);
    return;
  }
  const ld = load<i32>(p, Q_LD), width = load<i32>(p, Q_COLUMNS);
  const row = offset / ld;
  let column = offset - row * ld;
  let scale = load<usize>(p, Q_SCALES) + (<usize>(row / load<i32>(p, Q_ROWS) * load<i32>(p, Q_ACROSS)) << 2);
  scale += <usize>(column / width) << 2;
  while (n > 0) {
    const run = min<i32>(n, width - column % width);
    const s = load<f32>(scale);
    if (kind == KIND_INT8) decodeInt8(base + offset, run, s, to);
    else if (kind == KIND_INT4) decodeInt4(base + (<usize>offset >> 1), run, s, to);
    else decodeFp8(base + offset, run, s, to);
    n -= run;
    offset += run;
    column += run;
    scale += 4;
    to += <usize>run << 2;
  }
}
