// The row parts of linear + log-probability. The host multiplies hidden · weightᵀ for a chunk of the
// vocabulary at a time into a buffer [N, ld]; logProbChunk folds the chunk into each row's state, so the
// logits never exist as a whole. logProbGradient turns a chunk of logits into their gradient in place.
//
// State of a row: maximum m, l = Σ e^(z−m), t = Σ e^(z−m)·(z−m), and the target's z. A tile is a row.

import { exp4 } from "../math/exp";
import { log4 } from "../math/log";
import { firstLanes, madd, sumLanes } from "../simd";
import { maxRow, scaleRow } from "./rows";

const L_LOGITS: usize = 0;
const L_LD: usize = 4; // bytes from row to row
const L_FIRST: usize = 8; // first column of the chunk
const L_COUNT: usize = 12; // columns in the chunk
const L_TARGETS: usize = 16;
const L_STATE: usize = 20; // four floats a row
const L_SCALE: usize = 24; // f32
const L_IS_LAST: usize = 28;
const L_LOGP: usize = 32; // forward: outputs; gradient: dlogp
const L_LSE: usize = 36;
const L_ENTROPY: usize = 40;

// @ts-ignore: decorator
@inline
function expOf(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}

export function logProbChunk(p: usize, begin: i32, end: i32, scratch: usize): void {
  const ld = load<usize>(p, L_LD), n = load<i32>(p, L_COUNT), first = load<i32>(p, L_FIRST);
  const scale = load<f32>(p, L_SCALE);
  for (let row = begin; row < end; row++) {
    const z = load<usize>(p, L_LOGITS) + <usize>row * ld;
    const state = load<usize>(p, L_STATE) + (<usize>row << 4);
    const at = <usize>row << 2;
    scaleRow(z, z, scale, n);
    const target = load<i32>(load<usize>(p, L_TARGETS) + at) - first;
    if (<u32>target < <u32>n) store<f32>(state, load<f32>(z + (<usize>target << 2)), 12);
    let m = first == 0 ? -Infinity as f32 : load<f32>(state);
    let l: f32 = first == 0 ? 0 : load<f32>(state, 4);
    let t: f32 = first == 0 ? 0 : load<f32>(state, 8);
    const top = max<f32>(m, maxRow(z, n));
    if (m != -Infinity && top > m) {
      const c = expOf(m - top);
      t = c * (t + (m - top) * l);
      l *= c;
    }
    m = top;
    let lv = f32x4.splat(0), tv = f32x4.splat(0);
    const mv = f32x4.splat(m);
    for (let i = 0; i < n; i += 4) {
      let x = f32x4.sub(v128.load(z + (<usize>i << 2)), mv);
      let e = exp4(x);
      if (i + 4 > n) {
        const inside = firstLanes(n - i);
        x = v128.and(x, inside);
        e = v128.and(e, inside);
      }
      lv = f32x4.add(lv, e);
      // e is 0 where x is −Inf; their product would be NaN.
      tv = madd(e, f32x4.max(x, f32x4.splat(-1e30)), tv);
    }
    l += sumLanes(lv);
    t += sumLanes(tv);
    store<f32>(state, m);
    store<f32>(state, l, 4);
    store<f32>(state, t, 8);
    if (load<i32>(p, L_IS_LAST)) {
      const logSum = f32x4.extract_lane(log4(f32x4.splat(l)), 0);
      store<f32>(load<usize>(p, L_LOGP) + at, load<f32>(state, 12) - m - logSum);
      store<f32>(load<usize>(p, L_LSE) + at, m + logSum);
      store<f32>(load<usize>(p, L_ENTROPY) + at, logSum - t / l);
    }
  }
}

/** z → dlogp · scale · (1[target] − e^(scale·z − lse)). */
export function logProbGradient(p: usize, begin: i32, end: i32, scratch: usize): void {
  const ld = load<usize>(p, L_LD), n = load<i32>(p, L_COUNT), first = load<i32>(p, L_FIRST);
  const scale = load<f32>(p, L_SCALE);
  for (let row = begin; row < end; row++) {
    const z = load<usize>(p, L_LOGITS) + <usize>row * ld;
    const at = <usize>row << 2;
    const lse = f32x4.splat(load<f32>(load<usize>(p, L_LSE) + at));
    const g = load<f32>(load<usize>(p, L_LOGP) + at) * scale;
    const minusG = f32x4.splat(-g), sv = f32x4.splat(scale);
    // Rows are padded to eight columns, so whole vectors may be written.
    for (let i = 0; i < n; i += 4) {
      const to = z + (<usize>i << 2);
      v128.store(to, f32x4.mul(exp4(f32x4.sub(f32x4.mul(v128.load(to), sv), lse)), minusG));
    }
    const target = load<i32>(load<usize>(p, L_TARGETS) + at) - first;
    if (<u32>target < <u32>n) {
      const to = z + (<usize>target << 2);
      store<f32>(to, load<f32>(to) + g);
    }
  }
}
