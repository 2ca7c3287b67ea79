// e^x on four lanes. x = n·ln 2 + t with |t| ≤ ln 2 / 2 (ln 2 in two parts, the high one short enough
// that n·high is exact), a polynomial of degree 5 for e^t, and 2^n applied in two factors so that
// results below the normal range round once, correctly. Within 2 ulp; NaN, ±Inf and overflow as IEEE.

import { madd, nmadd } from "../simd";

export function exp4(x: v128): v128 {
  const clamped = f32x4.min(f32x4.max(x, f32x4.splat(-104)), f32x4.splat(89));
  const n = f32x4.nearest(f32x4.mul(clamped, f32x4.splat(1.44269504)));
  let t = nmadd(n, f32x4.splat(0.693145751953125), clamped);
  t = nmadd(n, f32x4.splat(1.428606765330187e-6), t);
  let p = madd(f32x4.splat(8.28929059e-3), t, f32x4.splat(4.18978221e-2));
  p = madd(p, t, f32x4.splat(1.66676521e-1));
  p = madd(p, t, f32x4.splat(4.99991506e-1));
  p = madd(p, t, f32x4.splat(9.99999702e-1));
  p = madd(p, t, f32x4.splat(1));
  const whole = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(whole, 1);
  const bias = i32x4.splat(127);
  const low = i32x4.shl(i32x4.add(half, bias), 23);
  const high = i32x4.shl(i32x4.add(i32x4.sub(whole, half), bias), 23);
  return f32x4.mul(f32x4.mul(p, low), high);
}
