// Loops over one row of contiguous f32 that the fused kernels share. Each handles the last one to three
// elements on its own, so nothing is written beside the row.

import { expModest, expNonPositive8, isAllModest } from "../math/exp";
import { madd, maxLanes, sumLanes } from "../simd";

/** Σ a·b in eight lanes. */
export function dotRow(a: usize, b: usize, n: i32): f32 {
  let s = f32x4.splat(0), t = s;
  let i = 0;
  for (; i + 8 <= n; i += 8, a += 32, b += 32) {
    s = madd(v128.load(a), v128.load(b), s);
    t = madd(v128.load(a, 16), v128.load(b, 16), t);
  }
  let sum = sumLanes(f32x4.add(s, t));
  for (; i < n; i++, a += 4, b += 4) sum += load<f32>(a) * load<f32>(b);
  return sum;
}

/** Σ a·b·c. */
export function dotRow3(a: usize, b: usize, c: usize, n: i32): f32 {
  let s = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4, a += 16, b += 16, c += 16) {
    s = madd(f32x4.mul(v128.load(a), v128.load(b)), v128.load(c), s);
  }
  let sum = sumLanes(s);
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

/** y = e^(x − shift) for x ≤ shift; gives Σ y. May be in place. `spare` is room for eight floats. */
export function expRow(y: usize, x: usize, shift: f32, n: i32, spare: usize): f32 {
  const top = f32x4.splat(shift);
  let s = f32x4.splat(0);
  let i = 0;
  for (; i + 16 <= n; i += 16, x += 64, y += 64) {
    const a = f32x4.sub(v128.load(x), top), b = f32x4.sub(v128.load(x, 16), top);
    const c = f32x4.sub(v128.load(x, 32), top), d = f32x4.sub(v128.load(x, 48), top);
    if (isAllModest(f32x4.pmin(f32x4.pmin(a, b), f32x4.pmin(c, d)))) {
      const e = expModest(a), f = expModest(b), g = expModest(c), h = expModest(d);
      s = f32x4.add(s, f32x4.add(f32x4.add(e, f), f32x4.add(g, h)));
      v128.store(y, e);
      v128.store(y, f, 16);
      v128.store(y, g, 32);
      v128.store(y, h, 48);
    } else {
      s = f32x4.add(s, expNonPositive8(a, b, y));
      s = f32x4.add(s, expNonPositive8(c, d, y + 32));
    }
  }
  for (; i + 8 <= n; i += 8, x += 32, y += 32) {
    const sum = expNonPositive8(f32x4.sub(v128.load(x), top), f32x4.sub(v128.load(x, 16), top), y);
    s = f32x4.add(s, sum);
  }
  let total = sumLanes(s);
  if (i < n) {
    // Blocks are padded, so reading on is safe; writing is not.
    expNonPositive8(f32x4.sub(v128.load(x), top), f32x4.sub(v128.load(x, 16), top), spare);
    for (let from = spare; i < n; i++, from += 4, y += 4) {
      const e = load<f32>(from);
      total += e;
      store<f32>(y, e);
    }
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
export function expRowAhead(y: usize, x: usize, shift: f32, n: i32, ahead: usize, spare: usize): f32 {
  const top = f32x4.splat(shift);
  let s = f32x4.splat(0), m = f32x4.splat(-Infinity), k = m;
  let i = 0;
  for (; i + 16 <= n; i += 16, x += 64, y += 64) {
    const a = f32x4.sub(v128.load(x), top), b = f32x4.sub(v128.load(x, 16), top);
    const c = f32x4.sub(v128.load(x, 32), top), d = f32x4.sub(v128.load(x, 48), top);
    const next = x + ahead;
    m = f32x4.pmax(f32x4.pmax(m, v128.load(next)), v128.load(next, 16));
    k = f32x4.pmax(f32x4.pmax(k, v128.load(next, 32)), v128.load(next, 48));
    if (isAllModest(f32x4.pmin(f32x4.pmin(a, b), f32x4.pmin(c, d)))) {
      const e = expModest(a), f = expModest(b), g = expModest(c), h = expModest(d);
      s = f32x4.add(s, f32x4.add(f32x4.add(e, f), f32x4.add(g, h)));
      v128.store(y, e);
      v128.store(y, f, 16);
      v128.store(y, g, 32);
      v128.store(y, h, 48);
    } else {
      s = f32x4.add(s, f32x4.add(expNonPositive8(a, b, y), expNonPositive8(c, d, y + 32)));
    }
  }
  nextMax = max<f32>(maxLanes(f32x4.pmax(m, k)), maxRow(x + ahead, n - i));
  return sumLanes(s) + expRow(y, x, shift, n - i, spare);
}
