// The row parts of linear + log-probability. The host multiplies hidden · weightᵀ for a chunk of the
// vocabulary at a time into a buffer [N, ld]; logProbChunk folds the chunk into each row's state, so the
// logits never exist as a whole. logProbGradient turns a chunk of logits into their gradient in place.
//
// State of a row: maximum m, l = Σ e^(z−m), t = Σ e^(z−m)·(z−m), and the target's z. A tile is a row.

import { EXP, exp4, expFall } from "../math/exp";
import { log4 } from "../math/log";
import { firstLanes, k, madd, sumLanes } from "../simd";
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

let powers: f32 = 0;
let scaled: f32 = 0;

/** Σ e^(z−m) into `powers`, Σ e^(z−m)·(z−m) into `scaled`. */
function addPowers(z: usize, m: f32, n: i32): void {
  const bound = k(EXP, 12), shift = k(EXP, 13), scale = k(EXP, 1), ln2 = k(EXP, 14);
  const c5 = k(EXP, 2), c4 = k(EXP, 3), c3 = k(EXP, 4), c2 = k(EXP, 5), one = k(EXP, 6);
  const top = f32x4.splat(m);
  let l = f32x4.splat(0), t = f32x4.splat(0);
  const end = z + (<usize>(n & ~3) << 2);
  for (; z < end; z += 16) {
    // At the bound e is 0; −Inf there would make the product NaN.
    const x = f32x4.pmax(f32x4.sub(v128.load(z), top), bound);
    const e = expFall(x, bound, shift, scale, ln2, c5, c4, c3, c2, one);
    l = f32x4.add(l, e);
    t = madd(e, x, t);
  }
  if (n & 3) {
    // What stands beyond the row counts as hidden.
    const given = v128.bitselect(v128.load(z), f32x4.splat(-Infinity), firstLanes(n & 3));
    const x = f32x4.pmax(f32x4.sub(given, top), bound);
    const e = expFall(x, bound, shift, scale, ln2, c5, c4, c3, c2, one);
    l = f32x4.add(l, e);
    t = madd(e, x, t);
  }
  powers = sumLanes(l);
  scaled = sumLanes(t);
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
    addPowers(z, m, n);
    l += powers;
    t += scaled;
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

/** z → factor · e^(scale·z − lse). Rows are padded to eight columns, so whole vectors may be written. */
function turnToGradient(z: usize, scale: f32, lse: f32, factor: f32, n: i32): void {
  const bound = k(EXP, 12), shift = k(EXP, 13), log2 = k(EXP, 1), ln2 = k(EXP, 14);
  const c5 = k(EXP, 2), c4 = k(EXP, 3), c3 = k(EXP, 4), c2 = k(EXP, 5), one = k(EXP, 6);
  const sv = f32x4.splat(scale), top = f32x4.splat(lse), fv = f32x4.splat(factor);
  for (const end = z + (<usize>n << 2); z < end; z += 16) {
    const x = f32x4.sub(f32x4.mul(v128.load(z), sv), top);
    const e = expFall(x, bound, shift, log2, ln2, c5, c4, c3, c2, one);
    v128.store(z, f32x4.mul(e, fv));
  }
}

/** z → dlogp · scale · (1[target] − e^(scale·z − lse)). */
export function logProbGradient(p: usize, begin: i32, end: i32, scratch: usize): void {
  const ld = load<usize>(p, L_LD), n = load<i32>(p, L_COUNT), first = load<i32>(p, L_FIRST);
  const scale = load<f32>(p, L_SCALE);
  for (let row = begin; row < end; row++) {
    const z = load<usize>(p, L_LOGITS) + <usize>row * ld;
    const at = <usize>row << 2;
    const g = load<f32>(load<usize>(p, L_LOGP) + at) * scale;
    turnToGradient(z, scale, load<f32>(load<usize>(p, L_LSE) + at), -g, n);
    const target = load<i32>(load<usize>(p, L_TARGETS) + at) - first;
    if (<u32>target < <u32>n) {
      const to = z + (<usize>target << 2);
      store<f32>(to, load<f32>(to) + g);
    }
  }
}
