// argReduce: the position of the first extreme of each contiguous row of N words; NaN wins. A tile is a
// row. f32 rows are read twice: once, vectorised, for the extreme, and then up to where it stands.

import { F32, I32, MAX, foldRunF32 } from "../vm/fold";

export function argReduce(p: usize, begin: i32, end: i32, scratch: usize): void {
  const from = load<usize>(p), out = load<usize>(p, 4);
  const n = load<i32>(p, 8), op = load<i32>(p, 12), type = load<i32>(p, 16);
  for (let row = begin; row < end; row++) {
    const at = from + (<usize>row * <usize>n << 2);
    store<i32>(out + (<usize>row << 2), type == F32 ? floats(op, at, n) : integers(op, type, at, n));
  }
}

function floats(op: i32, at: usize, n: i32): i32 {
  const best = foldRunF32(op, at, n);
  const wantsNaN = best != best;
  for (let i = 0; i < n; i++, at += 4) {
    const x = load<f32>(at);
    if (wantsNaN ? x != x : x == best) return i;
  }
  return 0;
}

function integers(op: i32, type: i32, at: usize, n: i32): i32 {
  // Flipping the sign bit makes unsigned words compare as signed ones.
  const flip = type == I32 ? 0 : i32.MIN_VALUE;
  let best = load<i32>(at) ^ flip;
  let position = 0;
  for (let i = 1; i < n; i++) {
    const x = load<i32>(at + (<usize>i << 2)) ^ flip;
    if (op == MAX ? x > best : x < best) {
      best = x;
      position = i;
    }
  }
  return position;
}
