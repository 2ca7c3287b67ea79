// e^x on four lanes. x = n·ln 2 + t with |t| ≤ ln 2 / 2 (ln 2 in two parts, the high one short enough
// that n·high is exact), a polynomial of degree 5 for e^t, and 2^n applied in two factors so that
// results below the normal range round once, correctly. Within 2 ulp; NaN, ±Inf and overflow as IEEE.
//
// Rounding by adding 1.5·2^23 leaves n in the low bits, which saves the saturating conversion (nine
// instructions on x64); pmin and pmax are one instruction where min and max are seven, and keep a NaN
// that stands on the left.

import { k, madd, nmadd } from "../simd";

const C: usize = memory.data<f32>([
  12582912, 1.44269504, 0.693145751953125, 1.428606765330187e-6, 8.28929059e-3, 4.18978221e-2,
  1.66676521e-1, 4.99991506e-1, 9.99999702e-1, 1, -104, 89,
]);
const BIAS: usize = memory.data<i32>([127]);

// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const shift = k(C, 0);
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
