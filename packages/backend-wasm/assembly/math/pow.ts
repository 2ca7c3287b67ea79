// x^y on four lanes, computed as 2^(y · log2 |x|) in double precision, two lanes at a time: the product
// reaches 128, so log2 needs ten more bits than an f32 has. Within 1 ulp in practice (16 promised).
// Special cases as in C's pow: x^0 = 1, 1^y = 1, (−x)^y is NaN unless y is whole.

import { k, k64 } from "../simd";

const C: usize = memory.data<f32>([0, 1, Infinity, 0.5, NaN]);
const J: usize = memory.data<i64>([0x3fe6a09e667f3bcd, 1023]);
const D: usize = memory.data<f64>([
  1.0, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3, 2.8853900817779268, -200.0, 200.0, 0.6931471805599453, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5,
]);

// @ts-ignore: decorator
@inline
function log2Pair(x: v128): v128 {
  // f64 has exponents to spare, so f32 subnormals are normal here.
  const bits = i64x2.sub(x, k64(J, 0)); // counts from √½
  const e = i64x2.shr_s(bits, 52);
  const m = i64x2.sub(x, i64x2.shl(e, 52));
  const ef = f64x2.convert_low_i32x4_s(i32x4.shuffle(e, e, 0, 2, 0, 2));
  const one = k64(D, 0);
  const s = f64x2.div(f64x2.sub(m, one), f64x2.add(m, one));
  const z = f64x2.mul(s, s);
  let p = k64(D, 1);
  p = f64x2.add(f64x2.mul(p, z), k64(D, 2));
  p = f64x2.add(f64x2.mul(p, z), k64(D, 3));
  p = f64x2.add(f64x2.mul(p, z), k64(D, 4));
  p = f64x2.add(f64x2.mul(p, z), k64(D, 5));
  p = f64x2.add(f64x2.mul(p, z), k64(D, 6));
  p = f64x2.add(f64x2.mul(p, z), k64(D, 7));
  p = f64x2.add(f64x2.mul(p, z), one);
  return f64x2.add(f64x2.mul(f64x2.mul(p, s), k64(D, 8)), ef); // 2 / ln 2
}

// @ts-ignore: decorator
@inline
function exp2Pair(x: v128): v128 {
  const clamped = f64x2.min(f64x2.max(x, k64(D, 9)), k64(D, 10));
  const n = f64x2.nearest(clamped);
  const t = f64x2.mul(f64x2.sub(clamped, n), k64(D, 11));
  let p = k64(D, 12);
  p = f64x2.add(f64x2.mul(p, t), k64(D, 13));
  p = f64x2.add(f64x2.mul(p, t), k64(D, 14));
  p = f64x2.add(f64x2.mul(p, t), k64(D, 15));
  p = f64x2.add(f64x2.mul(p, t), k64(D, 16));
  p = f64x2.add(f64x2.mul(p, t), k64(D, 17));
  p = f64x2.add(f64x2.mul(p, t), k64(D, 18));
  p = f64x2.add(f64x2.mul(p, t), k64(D, 0));
  p = f64x2.add(f64x2.mul(p, t), k64(D, 0));
  const whole = i64x2.extend_low_i32x4_s(i32x4.trunc_sat_f64x2_s_zero(n));
  return f64x2.mul(p, i64x2.shl(i64x2.add(whole, k64(J, 1)), 52));
}

// @ts-ignore: decorator
@inline
function powPair(x: v128, y: v128): v128 {
  const power = f64x2.mul(f64x2.promote_low_f32x4(y), log2Pair(f64x2.promote_low_f32x4(x)));
  return f32x4.demote_f64x2_zero(exp2Pair(power));
}

export function pow4(x: v128, y: v128): v128 {
  const zero = k(C, 0);
  const one = k(C, 1);
  const a = f32x4.abs(x);
  const low = powPair(a, y);
  const high = powPair(i64x2.shuffle(a, a, 1, 1), i64x2.shuffle(y, y, 1, 1));
  let r = i64x2.shuffle(low, high, 0, 2);
  // |x| of 0 or Inf: the result is 0 or Inf, whichever way y points.
  const infinity = k(C, 2);
  const isZero = f32x4.eq(a, zero);
  const extreme = v128.or(isZero, f32x4.eq(a, infinity));
  const goesUp = v128.xor(isZero, f32x4.gt(y, zero));
  r = v128.bitselect(v128.and(goesUp, infinity), r, extreme);
  // Negative x: the sign of an odd power, NaN for a power that is not whole.
  const isWhole = f32x4.eq(f32x4.nearest(y), y);
  const half = f32x4.mul(y, k(C, 3));
  const isOdd = v128.and(isWhole, f32x4.ne(f32x4.nearest(half), half));
  const signBit = v128.and(x, i32x4.splat(0x80000000));
  r = v128.or(r, v128.and(isOdd, signBit));
  const negative = v128.and(f32x4.lt(x, zero), f32x4.lt(a, infinity));
  r = v128.bitselect(k(C, 4), r, v128.andnot(negative, isWhole));
  r = v128.bitselect(k(C, 4), r, v128.or(f32x4.ne(x, x), f32x4.ne(y, y)));
  const toOne = v128.or(f32x4.eq(x, one), f32x4.eq(y, zero));
  return v128.bitselect(one, r, toOne);
}
