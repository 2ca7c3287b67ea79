// atan on four lanes: |x| > tan 3π/8 uses π/2 − atan(1/x), |x| > tan π/8 uses π/4 + atan((x−1)/(x+1)),
// then an odd polynomial of degree 9 (coefficients as in Cephes' atanf). Within 4 ulp; atan ±Inf = ±π/2.

import { k, madd } from "../simd";

const I: usize = memory.data<u32>([0x80000000]);
const C: usize = memory.data<f32>([
  1, 2.414213562373095, 0.4142135623730950, -1, 0.7853981633974483, 1.5707963267948966,
  8.05374449538e-2, -1.38776856032e-1, 1.99777106478e-1, -3.33329491539e-1,
]);

// @ts-ignore: decorator
@inline
export function atan4(x: v128): v128 {
  const sign = v128.and(x, k(I, 0));
  const a = f32x4.abs(x);
  const one = k(C, 0);
  const large = f32x4.gt(a, k(C, 1));
  const middle = f32x4.gt(a, k(C, 2));
  // One division serves all three ranges.
  let numerator = v128.bitselect(f32x4.sub(a, one), a, middle);
  let denominator = v128.bitselect(f32x4.add(a, one), one, middle);
  numerator = v128.bitselect(k(C, 3), numerator, large);
  denominator = v128.bitselect(a, denominator, large);
  let base = v128.and(middle, k(C, 4));
  base = v128.bitselect(k(C, 5), base, large);
  const t = f32x4.div(numerator, denominator);
  const z = f32x4.mul(t, t);
  let p = madd(k(C, 6), z, k(C, 7));
  p = madd(p, z, k(C, 8));
  p = madd(p, z, k(C, 9));
  p = madd(f32x4.mul(p, z), t, t);
  return v128.or(f32x4.add(base, p), sign);
}
