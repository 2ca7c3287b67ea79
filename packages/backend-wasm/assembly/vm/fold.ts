// The tails of reductions: folds a run of words into one. f32 sums run in sixteen interleaved lanes and
// then pairwise, over at most a block, so their error stays below that of pairwise summation.

import { sumLanes } from "../simd";

export const SUM: i32 = 0;
export const PROD: i32 = 1;
export const MAX: i32 = 2;
export const MIN: i32 = 3;
export const F32: i32 = 0;
export const I32: i32 = 1;
export const U32: i32 = 2;

/** f32 max and min that give NaN if either side is NaN. */
// @ts-ignore: decorator
@inline
export function foldF32(op: i32, a: f32, b: f32): f32 {
  if (op == SUM) return a + b;
  if (op == PROD) return a * b;
  return op == MAX ? max<f32>(a, b) : min<f32>(a, b);
}

// @ts-ignore: decorator
@inline
export function foldInteger(op: i32, type: i32, a: i32, b: i32): i32 {
  if (op == SUM) return a + b;
  if (op == PROD) return a * b;
  if (type == U32) return op == MAX ? <i32>max<u32>(a, b) : <i32>min<u32>(a, b);
  return op == MAX ? max<i32>(a, b) : min<i32>(a, b);
}

/** The identity as a word. */
export function identityOf(op: i32, type: i32): i32 {
  if (type == F32) {
    if (op == SUM) return 0;
    if (op == PROD) return reinterpret<i32>(<f32>1);
    return op == MAX ? reinterpret<i32>(-Infinity as f32) : reinterpret<i32>(Infinity as f32);
  }
  if (op == SUM) return 0;
  if (op == PROD) return 1;
  if (type == U32) return op == MAX ? 0 : -1;
  return op == MAX ? i32.MIN_VALUE : i32.MAX_VALUE;
}

// @ts-ignore: decorator
@inline
function foldVector(op: i32, a: v128, b: v128): v128 {
  if (op == SUM) return f32x4.add(a, b);
  if (op == PROD) return f32x4.mul(a, b);
  return op == MAX ? f32x4.max(a, b) : f32x4.min(a, b);
}

/** Maximum or minimum; pmax and pmin are one instruction but skip NaN, which is looked for apart. */
// @ts-ignore: decorator
@inline
function foldExtreme(op: i32, at: usize, n: i32): f32 {
  let a = f32x4.splat(reinterpret<f32>(identityOf(op, F32))), b = a;
  let unordered = i32x4.splat(0);
  let i = 0;
  for (; i + 8 <= n; i += 8, at += 32) {
    const x = v128.load(at), y = v128.load(at, 16);
    unordered = v128.or(unordered, f32x4.ne(x, x));
    unordered = v128.or(unordered, f32x4.ne(y, y));
    a = op == MAX ? f32x4.pmax(a, x) : f32x4.pmin(a, x);
    b = op == MAX ? f32x4.pmax(b, y) : f32x4.pmin(b, y);
  }
  a = foldVector(op, a, b);
  let r = foldF32(
    op, foldF32(op, f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1)),
    foldF32(op, f32x4.extract_lane(a, 2), f32x4.extract_lane(a, 3)),
  );
  for (; i < n; i++, at += 4) r = foldF32(op, r, load<f32>(at));
  return v128.any_true(unordered) ? NaN : r;
}

// @ts-ignore: decorator
@inline
function foldRun(op: i32, at: usize, n: i32): f32 {
  const start = reinterpret<f32>(identityOf(op, F32));
  let a = f32x4.splat(start), b = a, c = a, d = a;
  let i = 0;
  if (op == MAX || op == MIN) return foldExtreme(op, at, n);
  for (; i + 16 <= n; i += 16, at += 64) {
    a = foldVector(op, a, v128.load(at));
    b = foldVector(op, b, v128.load(at, 16));
    c = foldVector(op, c, v128.load(at, 32));
    d = foldVector(op, d, v128.load(at, 48));
  }
  for (; i + 4 <= n; i += 4, at += 16) a = foldVector(op, a, v128.load(at));
  a = foldVector(op, foldVector(op, a, b), foldVector(op, c, d));
  let r: f32;
  if (op == SUM) r = sumLanes(a);
  else {
    r = foldF32(
      op, foldF32(op, f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1)),
      foldF32(op, f32x4.extract_lane(a, 2), f32x4.extract_lane(a, 3)),
    );
  }
  for (; i < n; i++, at += 4) r = foldF32(op, r, load<f32>(at));
  return r;
}

/** f32 only. */
export function foldRunF32(op: i32, at: usize, n: i32): f32 {
  if (op == SUM) return foldRun(SUM, at, n);
  if (op == PROD) return foldRun(PROD, at, n);
  return op == MAX ? foldRun(MAX, at, n) : foldRun(MIN, at, n);
}

export function foldRunInteger(op: i32, type: i32, at: usize, n: i32): i32 {
  let r = identityOf(op, type);
  for (let i = 0; i < n; i++) r = foldInteger(op, type, r, load<i32>(at + (<usize>i << 2)));
  return r;
}

/** accumulator[i] = accumulator[i] op value[i], n words, rounded up to eight. */
export function foldInto(op: i32, type: i32, accumulator: usize, value: usize, n: i32): void {
  const end = accumulator + (<usize>n << 2);
  if (type != F32) {
    for (; accumulator < end; accumulator += 4, value += 4) {
      store<i32>(accumulator, foldInteger(op, type, load<i32>(accumulator), load<i32>(value)));
    }
  } else if (op == SUM) {
    for (; accumulator < end; accumulator += 16, value += 16) {
      v128.store(accumulator, f32x4.add(v128.load(accumulator), v128.load(value)));
    }
  } else {
    for (; accumulator < end; accumulator += 16, value += 16) {
      v128.store(accumulator, foldVector(op, v128.load(accumulator), v128.load(value)));
    }
  }
}
