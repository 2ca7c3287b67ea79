// erf: 1 − e^−p(|x|) with a polynomial p of degree 8 through 0, the negative logarithm of erfc fitted so that
// the error counts in erf's last places. Within 4 ulp (3 were seen).
//
// A block takes two passes, p and then the exponential: the constants of each fit the registers. Those of
// both do not, and the chain of both is too long for the processor to overlap enough elements.

import { k, madd } from "../simd";
import { EXP, MINUS, oneMinusExp } from "./exp";

const I: usize = memory.data<u32>([0x80000000]);
const C: usize = memory.data<f32>([
  4, 3.98222728e-5, -3.74670868e-4, 1.23458751e-3, 2.28113815e-4, -1.93364304e-2, 1.02818929e-1,
  6.36616051e-1, 1.12837923,
]);

/** p(|x|) with the sign of x. */
// @ts-ignore: decorator
@inline
function exponent(
  x: v128, sign: v128, bound: v128, c7: v128, c6: v128, c5: v128, c4: v128, c3: v128, c2: v128,
  c1: v128, c0: v128,
): v128 {
  const s = v128.and(x, sign);
  // From 4 on the result is 1. The bound keeps a NaN, which stands on the left.
  const a = f32x4.pmin(v128.xor(x, s), bound);
  let p = madd(c7, a, c6);
  p = madd(p, a, c5);
  p = madd(p, a, c4);
  p = madd(p, a, c3);
  p = madd(p, a, c2);
  p = madd(p, a, c1);
  p = madd(p, a, c0);
  return v128.or(f32x4.mul(p, a), s);
}

/** y = erf(x) over a block. */
export function erfLoop(y: usize, n: i32, x: usize, step: usize): void {
  const end = y + (n << 2);
  const sign = k(I, 0), bound = k(C, 0), c7 = k(C, 1), c6 = k(C, 2), c5 = k(C, 3), c4 = k(C, 4);
  const c3 = k(C, 5), c2 = k(C, 6), c1 = k(C, 7), c0 = k(C, 8);
  for (let to = y; to < end; x += step << 1, to += 32) {
    const p = exponent(v128.load(x), sign, bound, c7, c6, c5, c4, c3, c2, c1, c0);
    const q = exponent(v128.load(x + step), sign, bound, c7, c6, c5, c4, c3, c2, c1, c0);
    v128.store(to, p);
    v128.store(to, q, 16);
  }
  const shift = k(EXP, 13), scale = k(EXP, 1), ln2 = k(EXP, 14), one = k(EXP, 6), d6 = k(MINUS, 0);
  const d5 = k(MINUS, 1), d4 = k(MINUS, 2), d3 = k(MINUS, 3), d2 = k(MINUS, 4);
  for (; y < end; y += 32) {
    const p = v128.load(y), q = v128.load(y, 16);
    const u = oneMinusExp(v128.or(p, sign), shift, scale, ln2, d6, d5, d4, d3, d2, one);
    const v = oneMinusExp(v128.or(q, sign), shift, scale, ln2, d6, d5, d4, d3, d2, one);
    v128.store(y, v128.or(u, v128.and(p, sign)));
    v128.store(y, v128.or(v, v128.and(q, sign)), 16);
  }
}
