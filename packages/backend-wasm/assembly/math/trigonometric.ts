// sin and cos on four lanes. The argument is reduced by π/2 in double precision (two parts of π/2, good
// to |x| ≤ 2^17 and beyond), then one of two short polynomials (coefficients as in Cephes' sinf, cosf).
// Within 4 ulp for |x| ≤ 2^17. Larger arguments go lane by lane to AssemblyScript's own sinf and cosf,
// which reduce exactly. ±Inf and NaN give NaN.

import { k, k64, madd } from "../simd";

const C: usize = memory.data<f32>([
  -1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1, 2.443315711809948e-5,
  -1.388731625493765e-3, 4.166664568298827e-2, 1, 0.5, 131072, 0,
]);


/**
 * 2/π, the parts of π/2, and 1.5·2^52: adding that rounds to a whole number and leaves it in the low bits.
 */
const D: usize = memory.data<f64>([
  0.6366197723675814, 1.57079632673412561417, 6.07710050650619224932e-11, 6755399441055744,
]);

// @ts-ignore: decorator
@inline
function shiftedQuadrant(x: v128): v128 {
  return f64x2.add(f64x2.mul(x, k64(D, 0)), k64(D, 3));
}

// @ts-ignore: decorator
@inline
function reduce(x: v128, shifted: v128): v128 {
  const n = f64x2.sub(shifted, k64(D, 3));
  const r = f64x2.sub(x, f64x2.mul(n, k64(D, 1)));
  return f64x2.sub(r, f64x2.mul(n, k64(D, 2)));
}

/** sin(x + quadrantShift · π/2) */
// @ts-ignore: decorator
@inline
function sine(x: v128, quadrantShift: i32): v128 {
  const low = f64x2.promote_low_f32x4(x);
  const high = f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 1));
  const nLow = shiftedQuadrant(low);
  const nHigh = shiftedQuadrant(high);
  const r = i64x2.shuffle(
    f32x4.demote_f64x2_zero(reduce(low, nLow)), f32x4.demote_f64x2_zero(reduce(high, nHigh)), 0, 2,
  );
  let quadrant = i32x4.shuffle(nLow, nHigh, 0, 2, 4, 6);
  quadrant = i32x4.add(quadrant, i32x4.splat(quadrantShift));
  const z = f32x4.mul(r, r);
  let s = madd(k(C, 0), z, k(C, 1));
  s = madd(s, z, k(C, 2));
  s = madd(f32x4.mul(s, z), r, r);
  let c = madd(k(C, 3), z, k(C, 4));
  c = madd(c, z, k(C, 5));
  c = madd(f32x4.mul(c, z), z, f32x4.sub(k(C, 6), f32x4.mul(z, k(C, 7))));
  const odd = i32x4.ne(v128.and(quadrant, i32x4.splat(1)), i32x4.splat(0));
  const sign = i32x4.shl(v128.and(quadrant, i32x4.splat(2)), 30);
  return v128.xor(v128.bitselect(c, s, odd), sign);
}

// @ts-ignore: decorator
@inline
function largeLanes(x: v128): v128 {
  return f32x4.gt(f32x4.abs(x), k(C, 8));
}

export function sin4(x: v128): v128 {
  const y = v128.bitselect(x, sine(x, 0), f32x4.eq(x, k(C, 9))); // keeps −0
  const large = largeLanes(x);
  // The others keep their bits: an element must not depend on its neighbours.
  return v128.any_true(large) ? v128.bitselect(largeSin(x), y, large) : y;
}

export function cos4(x: v128): v128 {
  const y = sine(x, 1);
  const large = largeLanes(x);
  return v128.any_true(large) ? v128.bitselect(largeCos(x), y, large) : y;
}

function largeSin(x: v128): v128 {
  return f32x4(
    NativeMathf.sin(f32x4.extract_lane(x, 0)), NativeMathf.sin(f32x4.extract_lane(x, 1)),
    NativeMathf.sin(f32x4.extract_lane(x, 2)), NativeMathf.sin(f32x4.extract_lane(x, 3)),
  );
}

function largeCos(x: v128): v128 {
  return f32x4(
    NativeMathf.cos(f32x4.extract_lane(x, 0)), NativeMathf.cos(f32x4.extract_lane(x, 1)),
    NativeMathf.cos(f32x4.extract_lane(x, 2)), NativeMathf.cos(f32x4.extract_lane(x, 3)),
  );
}
