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
/** ln of the smallest normal number, and where `modest` ends. */
const D: usize = memory.data<f32>([-87.33654, -87.3]);
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

/** For lanes ≤ 0: whether all are ≥ −87.3. */
// @ts-ignore: decorator
@inline
export function isAllModest(x: v128): bool {
  return !v128.any_true(f32x4.lt(x, k(D, 1)));
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
 * e^x of two vectors at once, for x ≤ 0 (softmax after its shift): stores both and gives their sum. The
 * constants are loaded once for both. Results below the normal range are 0, as is e^−Inf; NaN gives NaN.
 */
// @ts-ignore: decorator
@inline
export function expNonPositive8(x: v128, y: v128, to: usize): v128 {
  const shift = k(C, 0), low = k(D, 0), scale = k(C, 1);
  const cx = f32x4.pmax(x, low), cy = f32x4.pmax(y, low);
  const sx = madd(cx, scale, shift), sy = madd(cy, scale, shift);
  const nx = f32x4.sub(sx, shift), ny = f32x4.sub(sy, shift);
  const high2 = k(C, 2), low2 = k(C, 3);
  let t = nmadd(nx, high2, cx), u = nmadd(ny, high2, cy);
  t = nmadd(nx, low2, t);
  u = nmadd(ny, low2, u);
  const c5 = k(C, 4), c4 = k(C, 5), c3 = k(C, 6), c2 = k(C, 7), c1 = k(C, 8), c0 = k(C, 9);
  let p = madd(c5, t, c4), q = madd(c5, u, c4);
  p = madd(p, t, c3);
  q = madd(q, u, c3);
  p = madd(p, t, c2);
  q = madd(q, u, c2);
  p = madd(p, t, c1);
  q = madd(q, u, c1);
  p = madd(p, t, c0);
  q = madd(q, u, c0);
  // Times 2^n, whose word `shift` has prepared. Below the bound the result is cleared; a NaN compares
  // false with it, and no factor makes it a number.
  p = v128.andnot(f32x4.mul(p, i32x4.shl(sx, 23)), f32x4.lt(x, low));
  q = v128.andnot(f32x4.mul(q, i32x4.shl(sy, 23)), f32x4.lt(y, low));
  v128.store(to, p);
  v128.store(to, q, 16);
  return f32x4.add(p, q);
}
