// sort: the first k of each contiguous row of N words in stable order, with their positions; NaN is the
// largest, −0 equals 0. A tile is a row. Words become unsigned keys whose order is the wanted one. Small
// k or N: one pass with an insertion into the list of the k best. Otherwise a radix sort in four passes, in
// 16·N bytes of scratch.

import { F32, I32 } from "../vm/fold";

const SMALL_K: i32 = 32;
const SMALL_ROW: i32 = 64; // below it the radix sort's counters cost more than insertions

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

export function sort(p: usize, begin: i32, end: i32, scratch: usize): void {
  const from = load<usize>(p), values = load<usize>(p, 4), indices = load<usize>(p, 8);
  const n = load<i32>(p, 12), k = load<i32>(p, 16), type = load<i32>(p, 20);
  const descending = load<i32>(p, 24) != 0;
  const room = load<usize>(p, 28) || scratch;
  for (let row = begin; row < end; row++) {
    const at = from + (<usize>row * <usize>n << 2);
    const order = n <= SMALL_ROW || (k <= SMALL_K && k < n)
      ? best(at, n, k, type, descending, room)
      : radix(at, n, type, descending, room);
    for (let i = 0; i < k; i++) {
      const position = load<i32>(order + (<usize>i << 2));
      const to = <usize>(row * k + i) << 2;
      store<i32>(indices + to, position);
      store<u32>(values + to, load<u32>(at + (<usize>position << 2)));
    }
  }
}

/** The positions of the k smallest keys in order; the list of keys stands at `room`, positions behind. */
function best(at: usize, n: i32, k: i32, type: i32, descending: bool, room: usize): usize {
  const positions = room + 4 * SMALL_ROW;
  let count = 0;
  for (let i = 0; i < n; i++) {
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
  return positions;
}

/** Least significant byte first: each pass is stable, so equal keys keep their order. */
function radix(at: usize, n: i32, type: i32, descending: bool, room: usize): usize {
  const bytes = <usize>n << 2;
  const counts = room;
  let keys = room + 1024, positions = keys + bytes;
  let nextKeys = positions + bytes, nextPositions = nextKeys + bytes;
  for (let i = 0; i < n; i++) {
    const to = <usize>i << 2;
    store<u32>(keys + to, keyOf(load<u32>(at + to), type, descending));
    store<i32>(positions + to, i);
  }
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
  return positions;
}
