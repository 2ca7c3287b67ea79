// atan on four lanes: |x| > tan 3π/8 uses π/2 − atan(1/x), |x| > tan π/8 uses π/4 + atan((x−1)/(x+1)),
// then an odd polynomial of degree 9 (coefficients as in Cephes' atanf). Within 4 ulp; atan ±Inf = ±π/2.

import { madd } from "../simd";

export function atan4(x: v128): v128 {
  const sign = v128.and(x, i32x4.splat(0x80000000));
  const a = f32x4.abs(x);
  const one = f32x4.splat(1);
  const large = f32x4.gt(a, f32x4.splat(2.414213562373095));
  const middle = f32x4.gt(a, f32x4.splat(0.4142135623730950));
  // One division serves all three ranges.
  let numerator = v128.bitselect(f32x4.sub(a, one), a, middle);
  let denominator = v128.bitselect(f32x4.add(a, one), one, middle);
  numerator = v128.bitselect(f32x4.splat(-1), numerator, large);
  denominator = v128.bitselect(a, denominator, large);
  let base = v128.and(middle, f32x4.splat(0.7853981633974483));
  base = v128.bitselect(f32x4.splat(1.5707963267948966), base, large);
  const t = f32x4.div(numerator, denominator);
  const z = f32x4.mul(t, t);
  let p = madd(f32x4.splat(8.05374449538e-2), z, f32x4.splat(-1.38776856032e-1));
  p = madd(p, z, f32x4.splat(1.99777106478e-1));
  p = madd(p, z, f32x4.splat(-3.33329491539e-1));
  p = madd(f32x4.mul(p, z), t, t);
  return v128.or(f32x4.add(base, p), sign);
}
