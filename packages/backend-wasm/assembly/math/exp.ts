// e^x on four lanes. x = n·ln 2 + t with |t| ≤ ln 2 / 2 (ln 2 in two parts, the high one short enough
// that n·high is exact), a polynomial of degree 5 for e^t, and 2^n applied in two factors so that
// results below the normal range round once, correctly. Within 2 ulp; NaN, ±Inf and overflow as IEEE.
//
// Rounding by adding 1.5·2^23 leaves n in the low bits, which saves the saturating conversion (nine
// instructions on x64); pmin and pmax are one instruction where min and max are seven, and keep a NaN
// that stands on the left.
//
// A loop over many vectors does well when all its constants stay in registers, of which V8 has fifteen, and
// when nothing in it is called: so functions that loops inline take their constants as arguments. Nearly
// all arguments lie within ±87.3, where neither bound nor second factor is needed, so a block is looked
// through first, and one that goes beyond takes the longer way. That depends on an element's neighbours, so
// both ways give it the same bits.

import { k, madd, nmadd } from "../simd";

/**
 * 1.5·2^23, log2 e, the polynomial down to the last two coefficients, which are 1; ln 2 in two parts; the
 * bounds of e^x and the same shift with 254 more; for `expFall` the bound whose power is 0, the shift with
 * 127 more, and ln 2 in one part.
 */
export const EXP: usize = memory.data<f32>([
  12582912, 1.44269504, 8.3125115e-3, 4.1890170e-2, 1.6667115e-1, 4.9999231e-1, 1,
  0.693145751953125, 1.428606765330187e-6, -104, 89, 12583166, -87.7, 12583039, 0.6931471805599453,
]);
/** The sign's complement, and 87.3 as a word: f32 without signs are in the order of their words. */
const WORDS: usize = memory.data<i32>([0x7fffffff, 0x42ae999a]);

/** Which lanes lie within ±87.3. */
// @ts-ignore: decorator
@inline
export function modestLanes(x: v128): v128 {
  return i32x4.le_s(v128.and(x, k(WORDS, 0)), k(WORDS, 1));
}

/** Whether all of a block, two vectors at a time, lies within ±87.3. NaN does not. */
export function isModest(x: usize, step: usize, n: i32): bool {
  const magnitude = k(WORDS, 0);
  let largest = i32x4.splat(0);
  for (let i = 0; i < n; i += 8, x += step << 1) {
    const a = v128.and(v128.load(x), magnitude), b = v128.and(v128.load(x + step), magnitude);
    largest = i32x4.max_s(largest, i32x4.max_s(a, b));
  }
  return !v128.any_true(i32x4.gt_s(largest, k(WORDS, 1)));
}

/** e^x for |x| ≤ 87.3. */
// @ts-ignore: decorator
@inline
export function expModest(
  x: v128, shift: v128, scale: v128, c5: v128, c4: v128, c3: v128, c2: v128, one: v128, high: v128,
  low: v128,
): v128 {
  const shifted = madd(x, scale, shift);
  const n = f32x4.sub(shifted, shift);
  const t = nmadd(n, low, nmadd(n, high, x));
  let p = madd(c5, t, c4);
  p = madd(p, t, c3);
  p = madd(p, t, c2);
  p = madd(p, t, one);
  p = madd(p, t, one);
  return i32x4.add(p, i32x4.shl(shifted, 23)); // p · 2^n, which is normal
}

// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const shift = k(EXP, 11);
  const clamped = f32x4.pmin(f32x4.pmax(x, k(EXP, 9)), k(EXP, 10));
  const shifted = madd(clamped, k(EXP, 1), shift);
  const n = f32x4.sub(shifted, shift);
  const t = nmadd(n, k(EXP, 8), nmadd(n, k(EXP, 7), clamped));
  const one = k(EXP, 6);
  let p = madd(k(EXP, 2), t, k(EXP, 3));
  p = madd(p, t, k(EXP, 4));
  p = madd(p, t, k(EXP, 5));
  p = madd(p, t, one);
  p = madd(p, t, one);
  // n + 254 in two halves, each the biased exponent of a factor; what stands above is shifted out.
  const half = i32x4.shr_s(shifted, 1);
  const rest = i32x4.sub(shifted, half);
  return f32x4.mul(f32x4.mul(p, i32x4.shl(half, 23)), i32x4.shl(rest, 23));
}

/** y = e^x over a block. */
export function expLoop(y: usize, n: i32, x: usize, step: usize): void {
  const end = y + (n << 2);
  if (!isModest(x, step, n)) {
    for (; y < end; x += step << 1, y += 32) {
      const p = exp4(v128.load(x)), q = exp4(v128.load(x + step));
      v128.store(y, p);
      v128.store(y, q, 16);
    }
    return;
  }
  const shift = k(EXP, 0), scale = k(EXP, 1), c5 = k(EXP, 2), c4 = k(EXP, 3), c3 = k(EXP, 4);
  const c2 = k(EXP, 5), one = k(EXP, 6), high = k(EXP, 7), low = k(EXP, 8);
  for (; y < end; x += step << 1, y += 32) {
    const p = expModest(v128.load(x), shift, scale, c5, c4, c3, c2, one, high, low);
    const q = expModest(v128.load(x + step), shift, scale, c5, c4, c3, c2, one, high, low);
    v128.store(y, p);
    v128.store(y, q, 16);
  }
}

/**
 * e^x for x ≤ 0 where nothing counts that is small beside 1, as in softmax after its shift: ln 2 in one part
 * loses less than the shift's rounding did. Results below the normal range are 0, as is e^−Inf; NaN gives NaN.
 */
// @ts-ignore: decorator
@inline
export function expFall(
  x: v128, bound: v128, shift: v128, scale: v128, ln2: v128, c5: v128, c4: v128, c3: v128, c2: v128,
  one: v128,
): v128 {
  const bounded = f32x4.pmax(x, bound);
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

/** A polynomial of degree 6 for e^t, whose last two coefficients are 1. */
export const MINUS: usize = memory.data<f32>([
  1.34348893e-3, 8.35678447e-3, 4.16725352e-2, 1.66666701e-1, 0.5,
]);

/** 1 − e^x for −87 ≤ x ≤ 0, to the last places however small it is: 1 − 2^n − 2^n·(e^t − 1). */
// @ts-ignore: decorator
@inline
export function oneMinusExp(
  x: v128, shift: v128, scale: v128, ln2: v128, c6: v128, c5: v128, c4: v128, c3: v128, c2: v128,
  one: v128,
): v128 {
  const shifted = madd(x, scale, shift);
  const t = nmadd(f32x4.sub(shifted, shift), ln2, x);
  let p = madd(c6, t, c5);
  p = madd(p, t, c4);
  p = madd(p, t, c3);
  p = madd(p, t, c2);
  p = madd(p, t, one);
  const power = i32x4.shl(shifted, 23);
  return nmadd(power, f32x4.mul(p, t), f32x4.sub(one, power));
}
