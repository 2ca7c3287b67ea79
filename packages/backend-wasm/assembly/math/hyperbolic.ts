// tanh and sigmoid on four lanes, both within 4 ulp.
// tanh: an odd polynomial below 0.625 (coefficients as in Cephes' tanhf), 1 − 2 / (e^2x + 1) above.
// sigmoid: from z = e^−|x|, which never overflows: 1 / (1 + z), or z / (1 + z) for negative x.

import { k, madd } from "../simd";
import { exp4 } from "./exp";

const I: usize = memory.data<u32>([0x80000000]);
const C: usize = memory.data<f32>([
  1, 2, -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1,
  -3.33332819422e-1, 0.625, 0,
]);

// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const sign = v128.and(x, k(I, 0));
  const a = f32x4.abs(x);
  const one = k(C, 0);
  const e = exp4(f32x4.add(a, a));
  const large = f32x4.sub(one, f32x4.div(k(C, 1), f32x4.add(e, one)));
  const z = f32x4.mul(a, a);
  let p = madd(k(C, 2), z, k(C, 3));
  p = madd(p, z, k(C, 4));
  p = madd(p, z, k(C, 5));
  p = madd(p, z, k(C, 6));
  p = madd(f32x4.mul(p, z), a, a);
  return v128.or(v128.bitselect(p, large, f32x4.lt(a, k(C, 7))), sign);
}

// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const one = k(C, 0);
  const z = exp4(f32x4.neg(f32x4.abs(x)));
  const numerator = v128.bitselect(z, one, f32x4.lt(x, k(C, 8)));
  return f32x4.div(numerator, f32x4.add(one, z));
}
