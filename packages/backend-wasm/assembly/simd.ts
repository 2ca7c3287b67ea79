// Small vector helpers shared by all kernels. `madd` is one instruction in the relaxed build (fused on
// every CPU with FMA) and a multiplication and an addition in the plain build.

// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/**
 * Number i of a table of f32, in all lanes. A constant vector costs V8 four instructions each time it is
 * used; a load that repeats one word costs one. Tables come from memory.data, so the address is constant.
 */
// @ts-ignore: decorator
@inline
export function k(table: usize, i: usize): v128 {
  return v128.load32_splat(table + (i << 2));
}

/** As `k`, for a table of f64. */
// @ts-ignore: decorator
@inline
export function k64(table: usize, i: usize): v128 {
  return v128.load64_splat(table + (i << 3));
}

/** c − a·b */
// @ts-ignore: decorator
@inline
export function nmadd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, c);
  return f32x4.sub(c, f32x4.mul(a, b));
}

/** −1, ±0, 1 with the sign of x; NaN stays. */
// @ts-ignore: decorator
@inline
export function signF32(x: v128): v128 {
  const one = v128.or(v128.and(x, i32x4.splat(0x80000000)), f32x4.splat(1));
  return v128.bitselect(one, x, f32x4.gt(f32x4.abs(x), f32x4.splat(0)));
}

/** Sum of the four lanes, pairwise. */
// @ts-ignore: decorator
@inline
export function sumLanes(x: v128): f32 {
  return (f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1)) +
    (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
}

/** The largest lane. None may be NaN. */
// @ts-ignore: decorator
@inline
export function maxLanes(x: v128): f32 {
  const y = f32x4.pmax(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.pmax(y, v128.shuffle<f32>(y, y, 1, 0, 3, 2)), 0);
}

/** All ones in the first n lanes (n in 0..4). */
// @ts-ignore: decorator
@inline
export function firstLanes(n: i32): v128 {
  return i32x4.gt_s(i32x4.splat(n), i32x4(0, 1, 2, 3));
}

/** Four f16 (the low halves of 32-bit lanes) to f32, subnormals included. */
// @ts-ignore: decorator
@inline
export function widenF16(h: v128): v128 {
  const magnitude = i32x4.shl(v128.and(h, i32x4.splat(0x7fff)), 13);
  const scaled = f32x4.mul(magnitude, f32x4.splat(5.192296858534828e33)); // 2^112
  const special = i32x4.ge_s(magnitude, i32x4.splat(0x0f800000));
  const value = v128.or(scaled, v128.and(special, i32x4.splat(0x7f800000)));
  return v128.or(value, i32x4.shl(v128.and(h, i32x4.splat(0x8000)), 16));
}

/** f32 to f16 in the low halves of the lanes: ties to even, overflow to infinity, NaN stays NaN. */
// @ts-ignore: decorator
@inline
export function narrowF16(x: v128): v128 {
  const magnitude = v128.and(x, i32x4.splat(0x7fffffff));
  const sign = v128.and(i32x4.shr_u(x, 16), i32x4.splat(0x8000));
  const odd = v128.and(i32x4.shr_u(magnitude, 13), i32x4.splat(1));
  let half = i32x4.shr_u(
    i32x4.add(i32x4.add(magnitude, odd), i32x4.splat(0xfff - 0x38000000)), 13,
  );
  // Subnormal halves: adding 0.5 lines their unit up with the last bit of an f32 and rounds there.
  const tiny = i32x4.sub(f32x4.add(magnitude, f32x4.splat(0.5)), i32x4.splat(0x3f000000));
  half = v128.bitselect(tiny, half, i32x4.lt_s(magnitude, i32x4.splat(0x38800000)));
  half = v128.bitselect(
    i32x4.splat(0x7c00), half, i32x4.ge_s(magnitude, i32x4.splat(0x477ff000)),
  );
  const nan = i32x4.gt_s(magnitude, i32x4.splat(0x7f800000));
  return v128.or(sign, v128.bitselect(i32x4.splat(0x7e00), half, nan));
}

/** f32 to bf16 in the low halves of the lanes: ties to even, NaN stays NaN. */
// @ts-ignore: decorator
@inline
export function narrowBF16(x: v128): v128 {
  const odd = v128.and(i32x4.shr_u(x, 16), i32x4.splat(1));
  const rounded = i32x4.shr_u(i32x4.add(i32x4.add(x, odd), i32x4.splat(0x7fff)), 16);
  const nan = v128.or(i32x4.shr_u(x, 16), i32x4.splat(0x40));
  return v128.bitselect(nan, rounded, f32x4.ne(x, x));
}
