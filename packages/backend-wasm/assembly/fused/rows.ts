// Loops over one row of contiguous f32 that the fused kernels share. Each handles the last one to three
// elements on its own, so nothing is written beside the row.

import { EXP, expFall } from "../math/exp";
import { k, madd, maxLanes, sumLanes } from "../simd";

/** Σ a·b in sixteen lanes: four sums, since each waits four cycles for its last addition. */
export function dotRow(a: usize, b: usize, n: i32): f32 {
  let s = f32x4.splat(0), t = s, u = s, v = s;
  let i = 0;
  for (; i + 16 <= n; i += 16, a += 64, b += 64) {
    s = madd(v128.load(a), v128.load(b), s);
    t = madd(v128.load(a, 16), v128.load(b, 16), t);
    u = madd(v128.load(a, 32), v128.load(b, 32), u);
    v = madd(v128.load(a, 48), v128.load(b, 48), v);
  }
  for (; i + 4 <= n; i += 4, a += 16, b += 16) s = madd(v128.load(a), v128.load(b), s);
  let sum = sumLanes(f32x4.add(f32x4.add(s, t), f32x4.add(u, v)));
  for (; i < n; i++, a += 4, b += 4) sum += load<f32>(a) * load<f32>(b);
  return sum;
}

/** Σ a·b·c. */
export function dotRow3(a: usize, b: usize, c: usize, n: i32): f32 {
  let s = f32x4.splat(0), t = s, u = s, v = s;
  let i = 0;
  for (; i + 16 <= n; i += 16, a += 64, b += 64, c += 64) {
    s = madd(f32x4.mul(v128.load(a), v128.load(b)), v128.load(c), s);
    t = madd(f32x4.mul(v128.load(a, 16), v128.load(b, 16)), v128.load(c, 16), t);
    u = madd(f32x4.mul(v128.load(a, 32), v128.load(b, 32)), v128.load(c, 32), u);
    v = madd(f32x4.mul(v128.load(a, 48), v128.load(b, 48)), v128.load(c, 48), v);
  }
  for (; i + 4 <= n; i += 4, a += 16, b += 16, c += 16) {
    s = madd(f32x4.mul(v128.load(a), v128.load(b)), v128.load(c), s);
  }
  let sum = sumLanes(f32x4.add(f32x4.add(s, t), f32x4.add(u, v)));
  for (; i < n; i++, a += 4, b += 4, c += 4) sum += load<f32>(a) * load<f32>(b) * load<f32>(c);
  return sum;
}

export function maxRow(x: usize, n: i32): f32 {
  // pmax skips NaN; the exponential that follows does not.
  let a = f32x4.splat(-Infinity), b = a, c = a, d = a;
  let i = 0;
  for (; i + 16 <= n; i += 16, x += 64) {
    a = f32x4.pmax(a, v128.load(x));
    b = f32x4.pmax(b, v128.load(x, 16));
    c = f32x4.pmax(c, v128.load(x, 32));
    d = f32x4.pmax(d, v128.load(x, 48));
  }
  let top = maxLanes(f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(c, d)));
  for (; i < n; i++, x += 4) {
    const value = load<f32>(x);
    if (value > top) top = value;
  }
  return top;
}

/** y = x · factor; may be in place. */
export function scaleRow(y: usize, x: usize, factor: f32, n: i32): void {
  const f = f32x4.splat(factor);
  let i = 0;
  for (; i + 16 <= n; i += 16, x += 64, y += 64) {
    v128.store(y, f32x4.mul(v128.load(x), f));
    v128.store(y, f32x4.mul(v128.load(x, 16), f), 16);
    v128.store(y, f32x4.mul(v128.load(x, 32), f), 32);
    v128.store(y, f32x4.mul(v128.load(x, 48), f), 48);
  }
  for (; i + 4 <= n; i += 4, x += 16, y += 16) v128.store(y, f32x4.mul(v128.load(x), f));
  for (; i < n; i++, x += 4, y += 4) store<f32>(y, load<f32>(x) * factor);
}

/** y = e^(x − top) for x ≤ top; gives Σ y. May be in place. `spare` is room for eight floats. */
export function expRow(y: usize, x: usize, top: f32, n: i32, spare: usize): f32 {
  const above = f32x4.splat(top);
  const bound = k(EXP, 12), shift = k(EXP, 13), scale = k(EXP, 1), ln2 = k(EXP, 14);
  const c5 = k(EXP, 2), c4 = k(EXP, 3), c3 = k(EXP, 4), c2 = k(EXP, 5), one = k(EXP, 6);
  let s = f32x4.splat(0);
  const end = x + (<usize>(n & ~7) << 2);
  for (; x < end; x += 32, y += 32) {
    const a = f32x4.sub(v128.load(x), above), b = f32x4.sub(v128.load(x, 16), above);
    const e = expFall(a, bound, shift, scale, ln2, c5, c4, c3, c2, one);
    const f = expFall(b, bound, shift, scale, ln2, c5, c4, c3, c2, one);
    s = f32x4.add(s, f32x4.add(e, f));
    v128.store(y, e);
    v128.store(y, f, 16);
  }
  const rest = n & 7;
  if (!rest) return sumLanes(s);
  // Blocks are padded, so reading on is safe; writing is not.
  const a = f32x4.sub(v128.load(x), above), b = f32x4.sub(v128.load(x, 16), above);
  v128.store(spare, expFall(a, bound, shift, scale, ln2, c5, c4, c3, c2, one));
  v128.store(spare, expFall(b, bound, shift, scale, ln2, c5, c4, c3, c2, one), 16);
  let total = sumLanes(s);
  for (let i = 0; i < rest; i++, spare += 4, y += 4) {
    const e = load<f32>(spare);
    total += e;
    store<f32>(y, e);
  }
  return total;
}

let nextMax: f32 = 0;

/** The maximum that the last `expRowAhead` has found. */
export function maxAhead(): f32 {
  return nextMax;
}

/**
 * As `expRow`, and meanwhile the maximum of the row `ahead` bytes after x: that row comes from memory while the
 * exponentials keep the arithmetic busy.
 */
export function expRowAhead(y: usize, x: usize, top: f32, n: i32, ahead: usize, spare: usize): f32 {
  const above = f32x4.splat(top);
  const bound = k(EXP, 12), shift = k(EXP, 13), scale = k(EXP, 1), ln2 = k(EXP, 14);
  const c5 = k(EXP, 2), c4 = k(EXP, 3), c3 = k(EXP, 4), c2 = k(EXP, 5), one = k(EXP, 6);
  let s = f32x4.splat(0), m = f32x4.splat(-Infinity);
  let next = x + ahead;
  const end = x + (<usize>(n & ~7) << 2);
  for (; x < end; x += 32, y += 32, next += 32) {
    m = f32x4.pmax(m, f32x4.pmax(v128.load(next), v128.load(next, 16)));
    const a = f32x4.sub(v128.load(x), above), b = f32x4.sub(v128.load(x, 16), above);
    const e = expFall(a, bound, shift, scale, ln2, c5, c4, c3, c2, one);
    const f = expFall(b, bound, shift, scale, ln2, c5, c4, c3, c2, one);
    s = f32x4.add(s, f32x4.add(e, f));
    v128.store(y, e);
    v128.store(y, f, 16);
  }
  nextMax = maxLanes(m);
  const rest = n & 7;
  if (!rest) return sumLanes(s);
  nextMax = max<f32>(nextMax, maxRow(next, rest));
  return sumLanes(s) + expRow(y, x, top, rest, spare);
}
