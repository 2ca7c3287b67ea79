// groupedTopk: the experts of each token and their weights (DeepSeek-V3 §2.1.2). A tile is a row: sigmoids once, biased
// scores as integers in their order, of which the best two of each group are found four lanes at a time; then two short
// selections. Bytes: logits once, 8·k written.

import { sigmoidLoop } from "../math/hyperbolic";
import { select } from "../kernels/sort";
import { F32, I32, SUM, foldRunF32 } from "../vm/fold";

const G_LOGITS: usize = 0;
const G_BIAS: usize = 4;
const G_WEIGHTS: usize = 8;
const G_EXPERTS: usize = 12;
const G_E: usize = 16;
const G_K: usize = 20;
const G_GROUPS: usize = 24;
const G_KEPT: usize = 28;
const G_NORMALIZE: usize = 32;
const G_SCALE: usize = 36;

const LOWEST: i32 = 0x807fffff; // the key of −∞

/** Signed words in the order of four floats, NaN the largest, −0 as 0. */
// @ts-ignore: decorator
@inline
function keysOf(x: v128): v128 {
  const y = f32x4.add(x, f32x4.splat(0));
  const magnitude = i32x4.splat(0x7fffffff);
  const key = v128.xor(y, v128.and(i32x4.shr_s(y, 31), magnitude));
  return v128.bitselect(magnitude, key, f32x4.ne(x, x));
}

// @ts-ignore: decorator
@inline
function valueOf(key: i32): f32 {
  return reinterpret<f32>(key ^ ((key >> 31) & 0x7fffffff));
}

/** The sum of what the largest two of n keys stand for, or the one. */
function bestTwo(keys: usize, n: i32): f32 {
  let first = i32x4.splat(i32.MIN_VALUE), second = first;
  let i = 0;
  for (; i + 4 <= n; i += 4, keys += 16) {
    const key = v128.load(keys);
    second = i32x4.max_s(second, i32x4.min_s(first, key));
    first = i32x4.max_s(first, key);
  }
  // Each lane has its two; then each pair of lanes, then all.
  let other = i32x4.shuffle(first, first, 2, 3, 0, 1);
  second = i32x4.max_s(second, i32x4.shuffle(second, second, 2, 3, 0, 1));
  second = i32x4.max_s(second, i32x4.min_s(first, other));
  first = i32x4.max_s(first, other);
  other = i32x4.shuffle(first, first, 1, 0, 3, 2);
  second = i32x4.max_s(second, i32x4.shuffle(second, second, 1, 0, 3, 2));
  second = i32x4.max_s(second, i32x4.min_s(first, other));
  first = i32x4.max_s(first, other);
  let a = i32x4.extract_lane(first, 0), b = i32x4.extract_lane(second, 0);
  for (; i < n; i++, keys += 4) {
    const key = load<i32>(keys);
    b = max<i32>(b, min<i32>(a, key));
    a = max<i32>(a, key);
  }
  return n == 1 ? valueOf(a) : valueOf(a) + valueOf(b);
}

/** Makes every group −∞ but the best `kept`. `room`: scores of the groups, what is kept, and room for the selection. */
function dropGroups(keys: usize, size: i32, groups: i32, kept: i32, room: usize): void {
  const marks = room + (<usize>groups << 2) + 16, free = marks + (<usize>groups << 2);
  const bytes = <usize>size << 2;
  for (let g = 0; g < groups; g++) {
    store<f32>(room + (<usize>g << 2), bestTwo(keys + <usize>g * bytes, size));
  }
  const order = select(room, groups, kept, F32, true, free);
  memory.fill(marks, 0, <usize>groups << 2);
  for (let i = 0; i < kept; i++) {
    store<i32>(marks + (<usize>load<i32>(order + (<usize>i << 2)) << 2), 1);
  }
  for (let g = 0; g < groups; g++) {
    if (load<i32>(marks + (<usize>g << 2))) continue;
    const start = keys + <usize>g * bytes;
    for (let at = start; at < start + bytes; at += 4) store<i32>(at, LOWEST);
  }
}

export function groupedTopk(p: usize, begin: i32, end: i32, scratch: usize): void {
  const bias = load<usize>(p, G_BIAS), n = load<i32>(p, G_E), k = load<i32>(p, G_K);
  const groups = load<i32>(p, G_GROUPS), kept = load<i32>(p, G_KEPT);
  const normalize = load<i32>(p, G_NORMALIZE) != 0, scale = load<f32>(p, G_SCALE);
  const bytes = (<usize>n << 2) + 32; // eight numbers at a time are written
  const scores = scratch, keys = scores + bytes, room = keys + bytes;
  for (let row = begin; row < end; row++) {
    const x = load<usize>(p, G_LOGITS) + (<usize>row * <usize>n << 2);
    sigmoidLoop(scores, n, x, 16);
    for (let i: usize = 0; i < <usize>n << 2; i += 32) {
      const score = scores + i, b = bias + i;
      v128.store(keys + i, keysOf(f32x4.add(v128.load(score), v128.load(b))));
      v128.store(keys + i, keysOf(f32x4.add(v128.load(score, 16), v128.load(b, 16))), 16);
    }
    if (kept < groups) dropGroups(keys, n / groups, groups, kept, room);
    const order = select(keys, n, k, I32, true, room);
    const at = <usize>(row * k) << 2;
    const weights = load<usize>(p, G_WEIGHTS) + at, experts = load<usize>(p, G_EXPERTS) + at;
    for (let i: usize = 0; i < <usize>k << 2; i += 4) {
      const expert = load<i32>(order + i);
      store<i32>(experts + i, expert);
      store<f32>(weights + i, load<f32>(scores + (<usize>expert << 2)));
    }
    const sum: f32 = normalize ? foldRunF32(SUM, weights, k) + <f32>1e-20 : 1;
    for (let i: usize = 0; i < <usize>k << 2; i += 4) {
      store<f32>(weights + i, load<f32>(weights + i) / sum * scale);
    }
  }
}
