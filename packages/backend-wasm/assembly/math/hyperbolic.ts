// tanh and sigmoid on four lanes, both within 4 ulp.
// tanh: v / (2 − v) with v = 1 − e^−2|x|.
// sigmoid: 1 / (1 + e^−x) where e^−x and its inverse are normal numbers; elsewhere from z = e^−|x|, which
// never overflows: 1 / (1 + z), or z / (1 + z) for negative x.

import { k } from "../simd";
import { EXP, MINUS, exp4, expModest, isModest, modestLanes, oneMinusExp } from "./exp";

const I: usize = memory.data<u32>([0x80000000]);
const C: usize = memory.data<f32>([10, 2]);
const ONES: usize = memory.data<f32>([1, 1, 1, 1]);

/** y = tanh(x) over a block: v with the sign of x, then the division, so that each chain is short. */
export function tanhLoop(y: usize, n: i32, x: usize, step: usize): void {
  const end = y + (n << 2);
  const sign = k(I, 0), bound = k(C, 0), shift = k(EXP, 13), scale = k(EXP, 1), ln2 = k(EXP, 14);
  const one = k(EXP, 6), c6 = k(MINUS, 0), c5 = k(MINUS, 1), c4 = k(MINUS, 2), c3 = k(MINUS, 3);
  const c2 = k(MINUS, 4);
  for (let to = y; to < end; x += step << 1, to += 32) {
    const p = v128.load(x), q = v128.load(x + step);
    const s = v128.and(p, sign), t = v128.and(q, sign);
    // From 9.02 on the result is 1. The bound keeps a NaN, which stands on the left.
    const a = f32x4.pmin(v128.xor(p, s), bound), b = f32x4.pmin(v128.xor(q, t), bound);
    const c = v128.or(f32x4.add(a, a), sign), d = v128.or(f32x4.add(b, b), sign);
    const u = oneMinusExp(c, shift, scale, ln2, c6, c5, c4, c3, c2, one);
    const v = oneMinusExp(d, shift, scale, ln2, c6, c5, c4, c3, c2, one);
    v128.store(to, v128.or(u, s));
    v128.store(to, v128.or(v, t), 16);
  }
  const two = k(C, 1);
  for (; y < end; y += 32) {
    const p = v128.load(y), q = v128.load(y, 16);
    const u = f32x4.sub(two, v128.andnot(p, sign)), v = f32x4.sub(two, v128.andnot(q, sign));
    v128.store(y, f32x4.div(p, u));
    v128.store(y, f32x4.div(q, v), 16);
  }
}

/** x / (1 + e^−y) for |y| ≤ 87.3. */
// @ts-ignore: decorator
@inline
function gateModest(
  x: v128, y: v128, sign: v128, shift: v128, scale: v128, c5: v128, c4: v128, c3: v128, c2: v128,
  one: v128, high: v128, low: v128,
): v128 {
  const z = expModest(v128.xor(y, sign), shift, scale, c5, c4, c3, c2, one, high, low);
  return f32x4.div(x, f32x4.add(one, z));
}

/** As `gateModest`, for any y. */
// @ts-ignore: decorator
@inline
function gate4(
  x: v128, y: v128, sign: v128, shift: v128, scale: v128, c5: v128, c4: v128, c3: v128, c2: v128,
  one: v128, high: v128, low: v128,
): v128 {
  const z = exp4(v128.or(y, sign));
  const numerator = v128.bitselect(z, one, f32x4.lt(y, i32x4.splat(0)));
  const any = f32x4.mul(x, f32x4.div(numerator, f32x4.add(one, z)));
  const modest = gateModest(x, y, sign, shift, scale, c5, c4, c3, c2, one, high, low);
  return v128.bitselect(modest, any, modestLanes(y));
}

/** z = x · sigmoid(y) over a block, the heart of SiLU and SwiGLU. */
export function gateLoop(z: usize, n: i32, x: usize, xStep: usize, y: usize, yStep: usize): void {
  const end = z + (n << 2);
  const sign = k(I, 0), shift = k(EXP, 0), scale = k(EXP, 1), c5 = k(EXP, 2), c4 = k(EXP, 3);
  const c3 = k(EXP, 4), c2 = k(EXP, 5), one = k(EXP, 6), high = k(EXP, 7), low = k(EXP, 8);
  if (!isModest(y, yStep, n)) {
    for (; z < end; x += xStep << 1, y += yStep << 1, z += 32) {
      const a = v128.load(x), b = v128.load(x + xStep), c = v128.load(y), d = v128.load(y + yStep);
      const p = gate4(a, c, sign, shift, scale, c5, c4, c3, c2, one, high, low);
      const q = gate4(b, d, sign, shift, scale, c5, c4, c3, c2, one, high, low);
      v128.store(z, p);
      v128.store(z, q, 16);
    }
    return;
  }
  for (; z < end; x += xStep << 1, y += yStep << 1, z += 32) {
    const a = v128.load(x), b = v128.load(x + xStep), c = v128.load(y), d = v128.load(y + yStep);
    const p = gateModest(a, c, sign, shift, scale, c5, c4, c3, c2, one, high, low);
    const q = gateModest(b, d, sign, shift, scale, c5, c4, c3, c2, one, high, low);
    v128.store(z, p);
    v128.store(z, q, 16);
  }
}

/** y = sigmoid(x) over a block. */
export function sigmoidLoop(y: usize, n: i32, x: usize, step: usize): void {
  gateLoop(y, n, ONES, 0, x, step);
}
