// ln x on four lanes: x = m·2^e with m in [√½, √2), a polynomial of degree 9 in m − 1 (coefficients as
// in the Cephes library's logf) and ln 2 in two parts. Within 2 ulp. Subnormals are scaled first;
// log 0 = −Inf, log(x < 0) = NaN.

import { k, madd } from "../simd";

const I: usize = memory.data<u32>([0x3f3504f3, 0x007fffff]);
const C: usize = memory.data<f32>([
  1.17549435e-38, 8388608, 23, 1, 7.0376836292e-2, -1.151461031e-1, 1.167699874e-1,
  -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1,
  3.3333331174e-1, -2.12194440e-4, 0.5, 0.693359375, Infinity, -Infinity, 0, NaN,
]);

// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  const tiny = f32x4.lt(x, k(C, 0));
  const scaled = v128.bitselect(f32x4.mul(x, k(C, 1)), x, tiny);
  // Subtracting the bits of √½ makes the exponent field count from √½ instead of from 1.
  const bits = i32x4.sub(scaled, k(I, 0));
  let e = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
  e = f32x4.sub(e, v128.and(tiny, k(C, 2)));
  const m = i32x4.add(v128.and(bits, k(I, 1)), k(I, 0));
  const f = f32x4.sub(m, k(C, 3));
  const z = f32x4.mul(f, f);
  let p = madd(k(C, 4), f, k(C, 5));
  p = madd(p, f, k(C, 6));
  p = madd(p, f, k(C, 7));
  p = madd(p, f, k(C, 8));
  p = madd(p, f, k(C, 9));
  p = madd(p, f, k(C, 10));
  p = madd(p, f, k(C, 11));
  p = madd(p, f, k(C, 12));
  p = f32x4.mul(f32x4.mul(p, f), z);
  p = madd(e, k(C, 13), p);
  p = f32x4.sub(p, f32x4.mul(z, k(C, 14)));
  let y = f32x4.add(f, p);
  y = madd(e, k(C, 15), y);
  y = v128.bitselect(x, y, f32x4.eq(x, k(C, 16)));
  y = v128.bitselect(k(C, 17), y, f32x4.eq(x, k(C, 18)));
  // Negative or NaN: the comparison is false for both.
  return v128.bitselect(y, k(C, 19), f32x4.ge(x, k(C, 18)));
}
