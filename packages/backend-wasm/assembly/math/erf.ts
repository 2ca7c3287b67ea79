// erf on four lanes: an odd polynomial below 0.9277, 1 − e^p(|x|) above. Within 4 ulp.

import { k, madd } from "../simd";
import { expModest } from "./exp";

const I: usize = memory.data<u32>([0x80000000]);
const C: usize = memory.data<f32>([
  4, -1.7285347e-5, 3.83197126e-4, -3.88396438e-3, 2.42546219e-2, -1.06777877e-1, -6.34846687e-1,
  -1.28717512e-1, 1, -5.96761703e-4, 4.99119423e-3, -2.67681349e-2, 1.12819925e-1,
  -3.76125336e-1, 1.28379166e-1, 0.927734375,
]);

// @ts-ignore: decorator
@inline
export function erf4(x: v128): v128 {
  const sign = v128.and(x, k(I, 0));
  const a = f32x4.abs(x);
  const s = f32x4.mul(x, x);
  // Beyond 4 the result is 1; the bound keeps the polynomial (and Inf) inside its range.
  const t = f32x4.pmin(a, k(C, 0));
  let r = madd(k(C, 1), t, k(C, 2));
  const u = madd(k(C, 3), t, k(C, 4));
  r = madd(r, f32x4.mul(t, t), u);
  r = madd(r, t, k(C, 5));
  r = madd(r, t, k(C, 6));
  r = madd(r, t, k(C, 7));
  r = madd(r, t, f32x4.neg(t));
  const large = f32x4.sub(k(C, 8), expModest(r));
  let p = madd(k(C, 9), s, k(C, 10));
  p = madd(p, s, k(C, 11));
  p = madd(p, s, k(C, 12));
  p = madd(p, s, k(C, 13));
  p = madd(p, s, k(C, 14));
  p = madd(p, a, a);
  const y = v128.bitselect(large, p, f32x4.gt(a, k(C, 15)));
  return v128.or(y, sign);
}
