// erf on four lanes: an odd polynomial below 0.9277, 1 − e^p(|x|) above. Within 4 ulp.

import { madd } from "../simd";
import { exp4 } from "./exp";

export function erf4(x: v128): v128 {
  const sign = v128.and(x, i32x4.splat(0x80000000));
  const a = f32x4.abs(x);
  const s = f32x4.mul(x, x);
  // Beyond 4 the result is 1; the bound keeps the polynomial (and Inf) inside its range.
  const t = f32x4.min(a, f32x4.splat(4));
  let r = madd(f32x4.splat(-1.7285347e-5), t, f32x4.splat(3.83197126e-4));
  const u = madd(f32x4.splat(-3.88396438e-3), t, f32x4.splat(2.42546219e-2));
  r = madd(r, f32x4.mul(t, t), u);
  r = madd(r, t, f32x4.splat(-1.06777877e-1));
  r = madd(r, t, f32x4.splat(-6.34846687e-1));
  r = madd(r, t, f32x4.splat(-1.28717512e-1));
  r = madd(r, t, f32x4.neg(t));
  const large = f32x4.sub(f32x4.splat(1), exp4(r));
  let p = madd(f32x4.splat(-5.96761703e-4), s, f32x4.splat(4.99119423e-3));
  p = madd(p, s, f32x4.splat(-2.67681349e-2));
  p = madd(p, s, f32x4.splat(1.12819925e-1));
  p = madd(p, s, f32x4.splat(-3.76125336e-1));
  p = madd(p, s, f32x4.splat(1.28379166e-1));
  p = madd(p, a, a);
  const y = v128.bitselect(large, p, f32x4.gt(a, f32x4.splat(0.927734375)));
  return v128.or(y, sign);
}
