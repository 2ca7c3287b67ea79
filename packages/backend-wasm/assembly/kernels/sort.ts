// sort: the first k of each contiguous row of N words in stable order, with their positions; NaN is the
// largest, −0 equals 0. A tile is a row. Words become unsigned keys whose order is the wanted one, and then, whichever
// touches least: very few of a short row: a pass for each. Short rows, or a small k: insertion into the list of the k
// best so far. k far below N: a pass that collects what is better than the k best so far, sorted whenever the room for
// it is full. Passes look at several words at a time and nearly always go on. Otherwise a radix sort in four
// passes, in 16·N bytes of scratch.

import { F32, I32 } from "../vm/fold";

const FEW: i32 = 8;
const SHORT_ROW: i32 = 512;
const SMALL_K: i32 = 32;
const SMALL_ROW: i32 = 64; // below it the radix sort's counters cost more than insertions
const ROOM_PER_K: i32 = 4; // candidates collected before they are sorted

// @ts-ignore: decorator
@inline
function keyOf(word: u32, type: i32, descending: bool): u32 {
  let key = word;
  if (type == F32) {
    if ((word & 0x7fffffff) > 0x7f800000) key = 0xffffffff;
    else if (word == 0x80000000) key = 0x80000000; // as +0
    else key = word & 0x80000000 ? ~word : word | 0x80000000;
  } else if (type == I32) {
    key = word ^ 0x80000000;
  }
  return descending ? ~key : key;
}

/** The keys of four words; `flip` is all ones where the order falls. */
// @ts-ignore: decorator
@inline
function keys4(x: v128, type: i32, flip: v128): v128 {
  let key = x;
  if (type == F32) {
    const y = f32x4.add(x, f32x4.splat(0)); // −0 becomes 0
    const sign = v128.or(i32x4.shr_s(y, 31), i32x4.splat(0x80000000));
    key = v128.or(v128.xor(y, sign), f32x4.ne(x, x));
  } else if (type == I32) {
    key = v128.xor(x, i32x4.splat(0x80000000));
  }
  return v128.xor(key, flip);
}

/**
 * From i on, where the first four words stand of which one may come before the word at `worst`, or the last of the row.
 * Floats are compared as they are, so what compares with nothing is taken for better.
 */
function findBetter(
  worst: usize, at: usize, i: i32, n: i32, type: i32, descending: bool,
): i32 {
  const bound = v128.load32_splat(worst);
  let x = at + (<usize>i << 2);
  if (type == F32) {
    const sign = i32x4.splat(descending ? 0x80000000 : 0); // falling: −x rises
    const b = v128.xor(bound, sign);
    for (; i + 16 <= n; i += 16, x += 64) {
      const p = f32x4.ge(v128.xor(v128.load(x), sign), b);
      const q = f32x4.ge(v128.xor(v128.load(x, 16), sign), b);
      const r = f32x4.ge(v128.xor(v128.load(x, 32), sign), b);
      const s = f32x4.ge(v128.xor(v128.load(x, 48), sign), b);
      if (!i32x4.all_true(v128.and(v128.and(p, q), v128.and(r, s)))) break;
    }
    for (; i + 4 <= n; i += 4, x += 16) {
      if (!i32x4.all_true(f32x4.ge(v128.xor(v128.load(x), sign), b))) return i;
    }
    return i;
  }
  const flip = i32x4.splat(descending ? -1 : 0), key = keys4(bound, type, flip);
  for (; i + 4 <= n; i += 4, x += 16) {
    if (v128.any_true(i32x4.lt_u(keys4(v128.load(x), type, flip), key))) return i;
  }
  return i;
}

export function sort(p: usize, begin: i32, end: i32, scratch: usize): void {
  const from = load<usize>(p), values = load<usize>(p, 4), indices = load<usize>(p, 8);
  const n = load<i32>(p, 12), k = load<i32>(p, 16), type = load<i32>(p, 20);
  const descending = load<i32>(p, 24) != 0;
  const room = load<usize>(p, 28) || scratch;
  for (let row = begin; row < end; row++) {
    const at = from + (<usize>row * <usize>n << 2);
    const order = select(at, n, k, type, descending, room);
    for (let i = 0; i < k; i++) {
      const position = load<i32>(order + (<usize>i << 2));
      const to = <usize>(row * k + i) << 2;
      store<i32>(indices + to, position);
      store<u32>(values + to, load<u32>(at + (<usize>position << 2)));
    }
  }
}

/** The positions of the first k words of a row in order. `room`: 1024 + 16·n bytes. */
export function select(
  at: usize, n: i32, k: i32, type: i32, descending: bool, room: usize,
): usize {
  if (k <= FEW && n <= SHORT_ROW) return oneByOne(at, n, k, type, descending, room);
  if (n <= SMALL_ROW || (k <= SMALL_K && k < n)) return best(at, n, k, type, descending, room);
  if (k <= n / (2 * ROOM_PER_K)) return collected(at, n, k, type, descending, room);
  return radix(at, n, type, descending, room);
}

/** Of two vectors of keys the smallest. */
// @ts-ignore: decorator
@inline
function smallest(x: v128, y: v128): u32 {
  const z = i32x4.min_u(x, y);
  return min<u32>(
    min<u32>(i32x4.extract_lane(z, 0), i32x4.extract_lane(z, 1)),
    min<u32>(i32x4.extract_lane(z, 2), i32x4.extract_lane(z, 3)),
  );
}

/** Each pass takes the first of the smallest keys. What was taken, and what is behind the row, is all ones. */
function oneByOne(at: usize, n: i32, k: i32, type: i32, descending: bool, room: usize): usize {
  const positions = room, keys = room + 64;
  const end = keys + (<usize>(n + 7) >> 3 << 5);
  const none = i32x4.splat(-1), flip = i32x4.splat(descending ? -1 : 0);
  for (let i = 0, to = keys; i < n; i += 4, to += 16) {
    v128.store(to, keys4(v128.load(at + (<usize>i << 2)), type, flip));
  }
  // Behind the row up to a multiple of eight.
  for (let to = keys + (<usize>n << 2); to < end; to += 4) store<i32>(to, -1);
  let count = 0;
  for (; count < k; count++) {
    let x = none, y = none;
    for (let key = keys; key < end; key += 32) {
      x = i32x4.min_u(x, v128.load(key));
      y = i32x4.min_u(y, v128.load(key, 16));
    }
    const least = smallest(x, y), wanted = i32x4.splat(least);
    if (least == 0xffffffff) break;
    let key = keys;
    for (; ; key += 32) {
      const found = v128.or(
        i32x4.eq(v128.load(key), wanted), i32x4.eq(v128.load(key, 16), wanted),
      );
      if (v128.any_true(found)) break;
    }
    while (load<u32>(key) != least) key += 4;
    store<i32>(key, -1);
    store<i32>(positions + (<usize>count << 2), <i32>((key - keys) >> 2));
  }
  // Keys that are all ones of themselves: they are the last, in the order of the row.
  for (let i = 0; count < k; i++) {
    if (keyOf(load<u32>(at + (<usize>i << 2)), type, descending) != 0xffffffff) continue;
    store<i32>(positions + (<usize>count << 2), i);
    count++;
  }
  return positions;
}

/** The list of keys stands at `room`, positions behind. */
function best(at: usize, n: i32, k: i32, type: i32, descending: bool, room: usize): usize {
  const positions = room + 4 * SMALL_ROW;
  let count = 0, i = 0;
  while (i < n) {
    if (count == k) {
      const last = load<i32>(positions + (<usize>(k - 1) << 2));
      i = findBetter(at + (<usize>last << 2), at, i, n, type, descending);
    }
    for (const end = min<i32>(i + 4, n); i < end; i++) {
      const key = keyOf(load<u32>(at + (<usize>i << 2)), type, descending);
      if (count == k && key >= load<u32>(room + (<usize>(k - 1) << 2))) continue;
      let j = count < k ? count++ : k - 1;
      for (; j > 0 && load<u32>(room + (<usize>(j - 1) << 2)) > key; j--) {
        const to = <usize>j << 2;
        store<u32>(room + to, load<u32>(room + to - 4));
        store<i32>(positions + to, load<i32>(positions + to - 4));
      }
      store<u32>(room + (<usize>j << 2), key);
      store<i32>(positions + (<usize>j << 2), i);
    }
  }
  return positions;
}

function collected(at: usize, n: i32, k: i32, type: i32, descending: bool, room: usize): usize {
  const capacity = ROOM_PER_K * k;
  const keys = room + 1024, positions = keys + (<usize>capacity << 2);
  let count = 0, i = 0;
  let bound: u32 = 0;
  let worst: usize = 0; // where its word stands, once there is one
  while (i < n) {
    if (worst) i = findBetter(worst, at, i, n, type, descending);
    for (const end = min<i32>(i + 4, n); i < end; i++) {
      const key = keyOf(load<u32>(at + (<usize>i << 2)), type, descending);
      if (worst && key >= bound) continue; // an equal one comes later, so it is not among the first
      if (count == capacity) {
        sortByKey(room, capacity, count);
        count = k;
        bound = load<u32>(keys + (<usize>(k - 1) << 2));
        worst = at + (<usize>load<i32>(positions + (<usize>(k - 1) << 2)) << 2);
        if (key >= bound) continue;
      }
      store<u32>(keys + (<usize>count << 2), key);
      store<i32>(positions + (<usize>count << 2), i);
      count++;
    }
  }
  sortByKey(room, capacity, count);
  return positions;
}

function radix(at: usize, n: i32, type: i32, descending: bool, room: usize): usize {
  const keys = room + 1024, positions = keys + (<usize>n << 2);
  for (let i = 0; i < n; i++) {
    const to = <usize>i << 2;
    store<u32>(keys + to, keyOf(load<u32>(at + to), type, descending));
    store<i32>(positions + to, i);
  }
  sortByKey(room, n, n);
  return positions;
}

/**
 * Sorts `n` pairs. At `room` are 1024 bytes of counters, then `capacity` keys, as many positions, and as much again.
 * Least significant byte first: each pass is stable, so equal keys keep their order. After four passes, an
 * even number, the pairs are where they were.
 */
function sortByKey(room: usize, capacity: i32, n: i32): void {
  const counts = room;
  const column = <usize>capacity << 2, bytes = <usize>n << 2;
  let keys = room + 1024, positions = keys + column;
  let nextKeys = positions + column, nextPositions = nextKeys + column;
  for (let shift: u32 = 0; shift < 32; shift += 8) {
    memory.fill(counts, 0, 1024);
    for (let i: usize = 0; i < bytes; i += 4) {
      const bin = counts + (((load<u32>(keys + i) >> shift) & 255) << 2);
      store<i32>(bin, load<i32>(bin) + 1);
    }
    let total = 0;
    for (let bin: usize = 0; bin < 1024; bin += 4) {
      const count = load<i32>(counts + bin);
      store<i32>(counts + bin, total);
      total += count;
    }
    for (let i: usize = 0; i < bytes; i += 4) {
      const key = load<u32>(keys + i);
      const bin = counts + (((key >> shift) & 255) << 2);
      const to = <usize>load<i32>(bin) << 2;
      store<i32>(bin, load<i32>(bin) + 1);
      store<u32>(nextKeys + to, key);
      store<i32>(nextPositions + to, load<i32>(positions + i));
    }
    const k = keys, q = positions;
    keys = nextKeys;
    positions = nextPositions;
    nextKeys = k;
    nextPositions = q;
  }
}
