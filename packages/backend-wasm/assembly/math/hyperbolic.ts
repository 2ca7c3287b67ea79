// tanh and sigmoid on four lanes, both within 4 ulp.
// tanh: an odd polynomial below 0.625 (coefficients as in Cephes' tanhf), 1 − 2 / (e^2x + 1) above.
// sigmoid: 1 / (1 + e^−x) where e^−x and its inverse are normal numbers; elsewhere from z = e^−|x|, which
// never overflows: 1 / (1 + z), or z / (1 + z) for negative x.

import { k, madd } from "../simd";
import { areModest, exp4, expModest, modestLanes } from "./exp";

const I: usize = memory.data<u32>([0x80000000]);
const C: usize = memory.data<f32>([
  1, 2, -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1,
  -3.33332819422e-1, 0.625, 0, 20,
]);

// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const sign = v128.and(x, k(I, 0));
  const a = f32x4.abs(x);
  const one = k(C, 0);
  // From 9.02 on the result is 1. The bound keeps a NaN, which stands on the left.
  const e = expModest(f32x4.pmin(f32x4.add(a, a), k(C, 9)));
  const large = f32x4.sub(one, f32x4.div(k(C, 1), f32x4.add(e, one)));
  const z = f32x4.mul(a, a);
  let p = madd(k(C, 2), z, k(C, 3));
  p = madd(p, z, k(C, 4));
  p = madd(p, z, k(C, 5));
  p = madd(p, z, k(C, 6));
  p = madd(f32x4.mul(p, z), a, a);
  return v128.or(v128.bitselect(p, large, f32x4.lt(a, k(C, 7))), sign);
}

/** x / (1 + e^−y) for |y| ≤ 87.3. */
// @ts-ignore: decorator
@inline
function gateModest(x: v128, y: v128): v128 {
  return f32x4.div(x, f32x4.add(k(C, 0), expModest(f32x4.neg(y))));
}

function sigmoid4(x: v128): v128 {
  const one = k(C, 0);
  const z = exp4(f32x4.neg(f32x4.abs(x)));
  const numerator = v128.bitselect(z, one, f32x4.lt(x, k(C, 8)));
  const y = f32x4.div(numerator, f32x4.add(one, z));
  return v128.bitselect(gateModest(one, x), y, modestLanes(x));
}

/** x · sigmoid(y) */
function gate4(x: v128, y: v128): v128 {
  return v128.bitselect(gateModest(x, y), f32x4.mul(x, sigmoid4(y)), modestLanes(y));
}

function storeSigmoids(x: v128, y: v128, to: usize): void {
  v128.store(to, sigmoid4(x));
  v128.store(to, sigmoid4(y), 16);
}

/** The sigmoids of two vectors, stored. */
// @ts-ignore: decorator
@inline
export function sigmoid8(x: v128, y: v128, to: usize): void {
  if (areModest(x, y)) {
    const p = gateModest(k(C, 0), x), q = gateModest(k(C, 0), y);
    v128.store(to, p);
    v128.store(to, q, 16);
  } else {
    storeSigmoids(x, y, to);
  }
}

function storeGated(x: v128, y: v128, x2: v128, y2: v128, to: usize): void {
  v128.store(to, gate4(x, y));
  v128.store(to, gate4(x2, y2), 16);
}

/** x · sigmoid(y), the heart of SiLU and SwiGLU, for two pairs of vectors, stored. */
// @ts-ignore: decorator
@inline
export function gated8(x: v128, y: v128, x2: v128, y2: v128, to: usize): void {
  if (areModest(y, y2)) {
    const p = gateModest(x, y), q = gateModest(x2, y2);
    v128.store(to, p);
    v128.store(to, q, 16);
  } else {
    storeGated(x, y, x2, y2, to);
  }
}
