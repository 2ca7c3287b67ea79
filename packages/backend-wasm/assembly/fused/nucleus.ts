// Where top-p cuts a row of weights: the smallest weight whose larger ones together stay below `target`. Without
// sorting: positive floats have the order of their words, so the word is found by bisection, and of the weights only
// those still in question are kept from step to step, moved together four at a time.

import { sumLanes } from "../simd";

// The bytes of lanes 0 to 3.
// @ts-ignore: decorator
@inline const A: u32 = 0x03020100;
// @ts-ignore: decorator
@inline const B: u32 = 0x07060504;
// @ts-ignore: decorator
@inline const C: u32 = 0x0b0a0908;
// @ts-ignore: decorator
@inline const D: u32 = 0x0f0e0d0c;

/** For each set of lanes the bytes that bring them to the front. */
const FRONT: usize = memory.data<u32>([
  A, A, A, A, A, A, A, A, B, A, A, A, A, B, A, A, C, A, A, A, A, C, A, A, B, C, A, A, A, B, C, A,
  D, A, A, A, A, D, A, A, B, D, A, A, A, B, D, A, C, D, A, A, A, C, D, A, B, C, D, A, A, B, C, D,
]);

/** Moves the words in low .. low + span to `to`, which may be where they are; gives how many. */
function collect(from: usize, n: i32, low: u32, span: u32, to: usize): i32 {
  const start = to, first = i32x4.splat(low), width = i32x4.splat(span);
  const end = from + (<usize>n << 2);
  for (; from + 16 <= end; from += 16) {
    const words = v128.load(from);
    const lanes = i32x4.bitmask(i32x4.le_u(i32x4.sub(words, first), width));
    if (lanes == 0) continue;
    v128.store(to, i8x16.swizzle(words, v128.load(FRONT + (<usize>lanes << 4))));
    to += <usize>popcnt(lanes) << 2;
  }
  for (; from < end; from += 4) {
    const word = load<u32>(from);
    if (word - low > span) continue;
    store<u32>(to, word);
    to += 4;
  }
  return <i32>((to - start) >> 2);
}

/** The sum of those whose word is at least `low`. Words of positive floats compare as signed ones. */
function sumFrom(weights: usize, n: i32, low: i32): f32 {
  const bound = i32x4.splat(low - 1);
  let s = f32x4.splat(0), t = s;
  let i = 0;
  for (; i + 8 <= n; i += 8, weights += 32) {
    const x = v128.load(weights), y = v128.load(weights, 16);
    s = f32x4.add(s, v128.and(x, i32x4.gt_s(x, bound)));
    t = f32x4.add(t, v128.and(y, i32x4.gt_s(y, bound)));
  }
  let sum = sumLanes(f32x4.add(s, t));
  for (; i < n; i++, weights += 4) if (load<i32>(weights) >= low) sum += load<f32>(weights);
  return sum;
}

/**
 * weights: n numbers from 0 to 1. Those below `least` > 0 together stay below what may be left out. `room`: for n of
 * them; may be where they are.
 */
export function nucleus(weights: usize, n: i32, target: f32, least: f32, room: usize): f32 {
  let low = reinterpret<i32>(least), high = reinterpret<i32>(<f32>1);
  let count = collect(weights, n, low, high - low, room);
  let above: f32 = 0; // the sum of what is larger than the words still in question
  // The largest word from which on the weights reach the target.
  while (low < high && count > 1) {
    const middle = low + ((high - low + 1) >> 1);
    const sum = above + sumFrom(room, count, middle);
    if (sum < target) {
      above = sum;
      high = middle - 1;
    } else {
      low = middle;
    }
    count = collect(room, count, low, high - low, room);
  }
  return count == 1 ? load<f32>(room) : reinterpret<f32>(low);
}
