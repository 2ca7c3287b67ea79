// sample: one token for each row of logits [N, V] by the Gumbel-max trick, z + g at its largest. A tile is a row.
//
// The filters all keep the largest, so they come to one threshold on z = x / temperature. Random words cost most, and
// few are needed: g is at most 17.33, and it is below −ln u, for which u's own word is a bound. The best one so far,
// which begins with the largest z, rules out nearly all others by the one or the other. What is left gets the bits that
// the map machine would give it, so the token is that of the composite.

import { log4 } from "../math/log";
import { threefry16 } from "../math/threefry";
import { firstLanes, k, madd, sumLanes } from "../simd";
import { select } from "../kernels/sort";
import { F32, MAX, foldRunF32 } from "../vm/fold";
import { nucleus } from "./nucleus";
import { expRow } from "./rows";

const S_LOGITS: usize = 0;
const S_STATE: usize = 4;
const S_STEP: usize = 8; // bytes between the words of the state
const S_TOKENS: usize = 12;
const S_LOGPROBS: usize = 16; // 0: not wanted
const S_V: usize = 20;
const S_TOP_K: usize = 24;
const S_TEMPERATURE: usize = 28;
const S_TOP_P: usize = 32;
const S_MIN_P: usize = 36;
const S_HAS_ROOM: usize = 40; // for a second row

// Scratch: sixteen words and four sums, then room for a selection, or for e^(z − top) and what is in question of it.
const SUMS: usize = 64;
const ROOM: usize = 80;

const C: usize = memory.data<f32>([
  5.9604644775390625e-8, 2.98023223876953125e-8, 0.999999940395355224609375, // 2^-24, 2^-25, 1 - 2^-24
  2, 0.09090909090909091, 0.1111111111111111, 0.14285714285714285, 0.2, 0.3333333333333333, 1,
  -8.262958294867817e-8, 88.02969193111305, // -ln 2 / 2^23, 127 ln 2
]);

/** −log(−log(1 − u)), operation by operation as random/words.ts has it. */
// @ts-ignore: decorator
@inline
function gumbel4(u: v128): v128 {
  const x = f32x4.neg(u);
  const s = f32x4.div(x, f32x4.add(x, k(C, 3)));
  const z = f32x4.mul(s, s);
  let p = madd(z, k(C, 4), k(C, 5));
  p = madd(z, p, k(C, 6));
  p = madd(z, p, k(C, 7));
  p = madd(z, p, k(C, 8));
  const twice = f32x4.add(s, s);
  const small = madd(twice, f32x4.mul(z, p), twice);
  const large = log4(f32x4.add(x, k(C, 9)));
  const log1p = v128.bitselect(small, large, f32x4.lt(f32x4.abs(x), k(C, 8)));
  return f32x4.neg(log4(f32x4.neg(log1p)));
}

/** How much rounding may add to z + g, or to a bound of it, where `best` is compared with. */
// @ts-ignore: decorator
@inline
function roundingOf(best: f32): f32 {
  return abs<f32>(best) * <f32>2.4e-7 + <f32>1e-4;
}

/** Uniform numbers of four words, below 1 + 2^-24. */
// @ts-ignore: decorator
@inline
function units(words: usize): v128 {
  return madd(f32x4.convert_i32x4_s(i32x4.shr_u(v128.load(words), 8)), k(C, 0), k(C, 1));
}

/** At least g: −log2 u is at most 127 − its word / 2^23, since the logarithm is above its chords. */
// @ts-ignore: decorator
@inline
function boundOf(u: v128): v128 {
  return madd(f32x4.convert_i32x4_s(u), k(C, 10), k(C, 11));
}

let bestSum: f32 = 0;
let bestAt: i32 = 0;

/** Compares z + g of four elements from `i` on with the best. Elements below 0, from n on and below `least` do not count. */
function compare(z: v128, words: usize, i: i32, n: i32, least: f32, sums: usize): void {
  const sum = f32x4.add(z, gumbel4(f32x4.pmin(units(words), k(C, 2))));
  const inside = v128.andnot(firstLanes(n - i), firstLanes(-i));
  let lanes = i32x4.bitmask(v128.and(inside, f32x4.ge(z, f32x4.splat(least))));
  v128.store(sums, sum);
  for (; lanes; lanes >>= 1, i++, sums += 4) {
    if (!(lanes & 1)) continue;
    const one = load<f32>(sums);
    if (one > bestSum || (one == bestSum && i < bestAt)) {
      bestSum = one;
      bestAt = i;
    }
  }
}

/** Draws for sixteen elements from `i` on. */
function consider(
  x: usize, i: i32, n: i32, temperature: f32, least: f32, counter: u64, k0: u32, k1: u32,
  scratch: usize,
): void {
  threefry16(counter, k0, k1, scratch);
  const t = f32x4.splat(temperature);
  const at = x + (<usize>i << 2);
  const a = f32x4.div(v128.load(at), t), b = f32x4.div(v128.load(at, 16), t);
  const c = f32x4.div(v128.load(at, 32), t), d = f32x4.div(v128.load(at, 48), t);
  const p = f32x4.add(a, boundOf(units(scratch)));
  const q = f32x4.add(b, boundOf(units(scratch + 16)));
  const r = f32x4.add(c, boundOf(units(scratch + 32)));
  const s = f32x4.add(d, boundOf(units(scratch + 48)));
  const low = f32x4.splat(bestSum - roundingOf(bestSum));
  const most = f32x4.pmax(f32x4.pmax(p, q), f32x4.pmax(r, s));
  if (!v128.any_true(f32x4.ge(most, low))) return;
  const sums = scratch + SUMS;
  if (v128.any_true(f32x4.ge(p, low))) compare(a, scratch, i, n, least, sums);
  if (v128.any_true(f32x4.ge(q, low))) compare(b, scratch + 16, i + 4, n, least, sums);
  if (v128.any_true(f32x4.ge(r, low))) compare(c, scratch + 32, i + 8, n, least, sums);
  if (v128.any_true(f32x4.ge(s, low))) compare(d, scratch + 48, i + 12, n, least, sums);
}

/** Where a value stands that is in the row. */
function find(x: usize, n: i32, value: f32): i32 {
  const v = f32x4.splat(value);
  for (let i = 0; i < n; i += 4, x += 16) {
    const found = i32x4.bitmask(f32x4.eq(v128.load(x), v));
    if (found) return i + ctz(found);
  }
  return 0;
}

/** The first i with x[i] / temperature = value, or with NaN if that is it. */
function findScaled(x: usize, n: i32, temperature: f32, value: f32): i32 {
  for (let i = 0; i < n; i++, x += 4) {
    const z = load<f32>(x) / temperature;
    if (z == value || (z != z && value != value)) return i;
  }
  return 0;
}

/** An x below this is out: z < least, or z + g < bestSum for any g. */
// @ts-ignore: decorator
@inline
function leastNeeded(least: f32, temperature: f32): f32 {
  const x = max<f32>(least, bestSum - 17.33 - roundingOf(bestSum)) * temperature;
  return x - abs<f32>(x) * <f32>2.4e-7;
}

/** The first maximum of z + g over z ≥ least. `first`: the row's place in the flat logits. */
function draw(
  x: usize, first: i64, n: i32, temperature: f32, least: f32, largest: f32, state: usize, step: usize,
  scratch: usize,
): i32 {
  const k0 = load<u32>(state), k1 = load<u32>(state + step);
  const counter = <u64>load<u32>(state + step * 2) | (<u64>load<u32>(state + step * 3) << 32);
  // A counter has two words, so the first block may begin one element before the row.
  const begin = -<i32>(first & 1);
  const pairs = counter + <u64>((first + begin) >> 1);
  bestSum = -Infinity;
  bestAt = n;
  const likely = begin + ((find(x, n, largest) - begin) & ~15);
  consider(x, likely, n, temperature, least, pairs + ((likely - begin) >> 1), k0, k1, scratch);
  let needed = f32x4.splat(leastNeeded(least, temperature));
  for (let i = begin; i < n; i += 16) {
    const at = x + (<usize>i << 2);
    const a = f32x4.pmax(v128.load(at), v128.load(at, 16));
    const b = f32x4.pmax(v128.load(at, 32), v128.load(at, 48));
    if (!v128.any_true(f32x4.ge(f32x4.pmax(a, b), needed))) continue;
    consider(x, i, n, temperature, least, pairs + ((i - begin) >> 1), k0, k1, scratch);
    needed = f32x4.splat(leastNeeded(least, temperature));
  }
  return bestAt;
}

/** e = e^(z − top), 0 below `least`, with zeros behind up to a multiple of four; gives the sum. */
function weigh(e: usize, x: usize, n: i32, temperature: f32, least: f32, top: f32, spare: usize): f32 {
  let from = x;
  if (temperature != 1 || least != -Infinity) {
    from = e;
    const t = f32x4.splat(temperature), l = f32x4.splat(least), none = f32x4.splat(-Infinity);
    for (let i: usize = 0; i < <usize>n << 2; i += 16) {
      const z = f32x4.div(v128.load(x + i), t);
      v128.store(e + i, v128.bitselect(none, z, f32x4.lt(z, l)));
    }
  }
  const sum = expRow(e, from, top, n, spare);
  v128.store(e + (<usize>n << 2), i32x4.splat(0));
  return sum;
}

let keptSum: f32 = 0;

/** The smallest z whose weight is not below `cut`, and the sum of those weights. */
function keep(e: usize, x: usize, n: i32, temperature: f32, cut: f32): f32 {
  const t = f32x4.splat(temperature), c = f32x4.splat(cut), far = f32x4.splat(Infinity);
  let lowest = far, sum = f32x4.splat(0);
  for (let i: usize = 0; i < <usize>n << 2; i += 16) {
    const weight = v128.load(e + i);
    const isKept = f32x4.ge(weight, c);
    if (!v128.any_true(isKept)) continue;
    sum = f32x4.add(sum, v128.and(weight, isKept));
    const z = f32x4.div(v128.load(x + i), t);
    lowest = f32x4.pmin(lowest, v128.bitselect(z, far, isKept));
  }
  keptSum = sumLanes(sum);
  return min<f32>(
    min<f32>(f32x4.extract_lane(lowest, 0), f32x4.extract_lane(lowest, 1)),
    min<f32>(f32x4.extract_lane(lowest, 2), f32x4.extract_lane(lowest, 3)),
  );
}

export function sample(p: usize, begin: i32, end: i32, scratch: usize): void {
  const state = load<usize>(p, S_STATE), step = load<usize>(p, S_STEP);
  const tokens = load<usize>(p, S_TOKENS), logProbs = load<usize>(p, S_LOGPROBS);
  const n = load<i32>(p, S_V), topK = load<i32>(p, S_TOP_K);
  const temperature = load<f32>(p, S_TEMPERATURE);
  const topP = load<f32>(p, S_TOP_P), minP = load<f32>(p, S_MIN_P);
  const hasRoom = load<i32>(p, S_HAS_ROOM) != 0;
  const e = scratch + ROOM;
  for (let row = begin; row < end; row++) {
    const first = <i64>row * <i64>n;
    const x = load<usize>(p, S_LOGITS) + (<usize>first << 2), at = <usize>row << 2;
    const largest = foldRunF32(MAX, x, n), top = largest / temperature;
    if (!isFinite<f32>(top)) {
      store<i32>(tokens + at, findScaled(x, n, temperature, top));
      if (logProbs) store<f32>(logProbs + at, NaN);
      continue;
    }
    let least: f32 = -Infinity, sum: f32 = 1;
    if (topK < n) {
      const order = select(x, n, topK, F32, true, scratch + ROOM);
      least = load<f32>(x + (<usize>load<i32>(order + (<usize>(topK - 1) << 2)) << 2)) / temperature;
    }
    const cuts = topP < 1 || minP > 0;
    if (cuts || logProbs) sum = weigh(e, x, n, temperature, least, top, scratch);
    if (cuts) {
      let cut = minP; // the largest weight is 1
      if (topP < 1) {
        // Fewer than n weights below half of this come to less than half of what may be left out.
        const small: f32 = (<f32>1 - topP) * sum / <f32>n * <f32>0.5;
        const candidates = hasRoom ? e + (<usize>n << 2) + 16 : e;
        cut = max<f32>(cut, nucleus(e, n, topP * sum, small, candidates));
        if (!hasRoom) weigh(e, x, n, temperature, least, top, scratch); // once more: they were moved
      }
      least = keep(e, x, n, temperature, cut);
      sum = keptSum;
    }
    const token = draw(x, first, n, temperature, least, largest, state, step, scratch);
    store<i32>(tokens + at, token);
    if (logProbs) {
      const z = load<f32>(x + (<usize>token << 2)) / temperature;
      store<f32>(logProbs + at, z - top - f32x4.extract_lane(log4(f32x4.splat(sum)), 0));
    }
  }
}
