// e^x on four lanes. x = n·ln 2 + t with |t| ≤ ln 2 / 2 (ln 2 in two parts, the high one short enough
// that n·high is exact), a polynomial of degree 5 for e^t, and 2^n applied in two factors so that
// results below the normal range round once, correctly. Within 2 ulp; NaN, ±Inf and overflow as IEEE.
//
// Rounding by adding 1.5·2^23 leaves n in the low bits, which saves the saturating conversion (nine
// instructions on x64); pmin and pmax are one instruction where min and max are seven, and keep a NaN
// that stands on the left.
//
// Nearly all arguments lie within ±87.3, where neither bound nor second factor is needed. So two vectors
// at once (exp8) ask for that first: a third fewer instructions, and a branch that is hardly ever taken.
// Which way is taken depends on the neighbours, so both must give a lane the same bits.

import { k, madd, nmadd } from "../simd";

/** First 1.5·2^23 + 127: added and left shifted it becomes 2^n. */
const C: usize = memory.data<f32>([
  12583039, 1.44269504, 0.693145751953125, 1.428606765330187e-6, 8.28929059e-3, 4.18978221e-2,
  1.66676521e-1, 4.99991506e-1, 9.99999702e-1, 1, -104, 89,
]);
const BIAS: usize = memory.data<i32>([127]);
/** The sign's complement, and 87.3 as a word: f32 without signs are in the order of their words. */
const WORDS: usize = memory.data<i32>([0x7fffffff, 0x42ae999a]);

/** Which lanes lie within ±87.3. */
// @ts-ignore: decorator
@inline
export function modestLanes(x: v128): v128 {
  return i32x4.le_s(v128.and(x, k(WORDS, 0)), k(WORDS, 1));
}

/** Whether every lane of both lies within ±87.3. NaN does not. */
// @ts-ignore: decorator
@inline
export function areModest(x: v128, y: v128): bool {
  const magnitude = k(WORDS, 0);
  const largest = i32x4.max_s(v128.and(x, magnitude), v128.and(y, magnitude));
  return !v128.any_true(i32x4.gt_s(largest, k(WORDS, 1)));
}

/** e^x for |x| ≤ 87.3. NaN gives NaN. */
// @ts-ignore: decorator
@inline
export function expModest(x: v128): v128 {
  const shift = k(C, 0);
  const shifted = madd(x, k(C, 1), shift);
  const n = f32x4.sub(shifted, shift);
  let t = nmadd(n, k(C, 2), x);
  t = nmadd(n, k(C, 3), t);
  let p = madd(k(C, 4), t, k(C, 5));
  p = madd(p, t, k(C, 6));
  p = madd(p, t, k(C, 7));
  p = madd(p, t, k(C, 8));
  p = madd(p, t, k(C, 9));
  return f32x4.mul(p, i32x4.shl(shifted, 23));
}

// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const shift = k(C, 0); // the same as in expModest, so that both round alike
  const clamped = f32x4.pmin(f32x4.pmax(x, k(C, 10)), k(C, 11));
  const shifted = madd(clamped, k(C, 1), shift);
  const n = f32x4.sub(shifted, shift);
  let t = nmadd(n, k(C, 2), clamped);
  t = nmadd(n, k(C, 3), t);
  let p = madd(k(C, 4), t, k(C, 5));
  p = madd(p, t, k(C, 6));
  p = madd(p, t, k(C, 7));
  p = madd(p, t, k(C, 8));
  p = madd(p, t, k(C, 9));
  const whole = i32x4.sub(shifted, shift);
  const half = i32x4.shr_s(whole, 1);
  const bias = k(BIAS, 0);
  const low = i32x4.shl(i32x4.add(half, bias), 23);
  const high = i32x4.shl(i32x4.add(i32x4.sub(whole, half), bias), 23);
  return f32x4.mul(f32x4.mul(p, low), high);
}

function storeAny(x: v128, y: v128, to: usize): void {
  v128.store(to, exp4(x));
  v128.store(to, exp4(y), 16);
}

/** e^x of two vectors, stored. */
// @ts-ignore: decorator
@inline
export function exp8(x: v128, y: v128, to: usize): void {
  if (areModest(x, y)) {
    const p = expModest(x), q = expModest(y);
    v128.store(to, p);
    v128.store(to, q, 16);
  } else {
    storeAny(x, y, to);
  }
}

/**
 * For softmax after its shift, where nothing counts that is small beside 1: the bound whose power is 0,
 * 1.5·2^23 + 127, log2 e, ln 2 (in one part: what it loses is less than the rounding of the shift), then the
 * polynomial, whose last two coefficients are 1.
 */
export const FALL: usize = memory.data<f32>([
  -87.7, 12583039, 1.44269504, 0.6931471805599453, 8.3125115e-3, 4.1890170e-2, 1.6667115e-1,
  4.9999231e-1, 1,
]);

/**
 * e^x for x ≤ 0: results below the normal range are 0, as is e^−Inf; NaN gives NaN. A loop over a row keeps
 * the constants in registers: nine here, and V8 has fifteen.
 */
// @ts-ignore: decorator
@inline
export function expFall(
  x: v128, low: v128, shift: v128, scale: v128, ln2: v128, c5: v128, c4: v128, c3: v128, c2: v128,
  one: v128,
): v128 {
  const bounded = f32x4.pmax(x, low);
  const shifted = madd(bounded, scale, shift);
  const t = nmadd(f32x4.sub(shifted, shift), ln2, bounded);
  let p = madd(c5, t, c4);
  p = madd(p, t, c3);
  p = madd(p, t, c2);
  p = madd(p, t, one);
  p = madd(p, t, one);
  // At the bound n is −127, so the word of 2^n is 0.
  return f32x4.mul(p, i32x4.shl(shifted, 23));
}
