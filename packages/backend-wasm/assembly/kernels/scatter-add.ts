// scatterAdd: out[c with one coordinate replaced by index[c]] += source[c], in row-major order of c, so
// that the sums have one order. The host has filled `out` with the base. The space is that of the index;
// views: index, source, out without the scattered axis. A tile is a strip of the last axis, all rows: two
// tiles never touch one element when the strip's index repeats; else there is one tile.

import { F32 } from "../vm/fold";
import { lastDim, lastStride, locateRow, offsetOf } from "../vm/walk";

const X_OUT: usize = 0;
const X_INDEX: usize = 4;
const X_SOURCE: usize = 8;
const X_TYPE: usize = 12;
const X_SIZE: usize = 16;
const X_STRIDE: usize = 20;
const X_BAD: usize = 24;
const X_BAD_INDEX: usize = 28;
const X_ROWS: usize = 32;
const X_STRIP: usize = 36; // columns in a tile
const X_SPACE: usize = 40;

export function scatterAdd(p: usize, begin: i32, end: i32, scratch: usize): void {
  const space = p + X_SPACE;
  const strip = load<i32>(p, X_STRIP);
  const first = begin * strip;
  const n = min<i32>(end * strip, lastDim(space)) - first;
  const out = load<usize>(p, X_OUT), index = load<usize>(p, X_INDEX), source = load<usize>(p, X_SOURCE);
  const size = load<u32>(p, X_SIZE), stride = load<i32>(p, X_STRIDE);
  const isFloat = load<i32>(p, X_TYPE) == F32;
  const indexStep = lastStride(space, 0);
  const sourceStep = lastStride(space, 1);
  const outStep = lastStride(space, 2);
  const rows = load<i32>(p, X_ROWS);
  for (let row = 0; row < rows; row++) {
    locateRow(space, row);
    let i = offsetOf(0) + first * indexStep;
    let s = offsetOf(1) + first * sourceStep, o = offsetOf(2) + first * outStep;
    let c = 0;
    if (indexStep == 0 && sourceStep == 1 && outStep == 1 && isFloat) {
      const position = load<u32>(index + (<usize>i << 2));
      if (position >= size) {
        report(p, position);
        continue;
      }
      let to = out + (<usize>(o + position * stride) << 2), from = source + (<usize>s << 2);
      for (; c + 4 <= n; c += 4, to += 16, from += 16) {
        v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
      }
      s += c;
      o += c;
    }
    for (; c < n; c++, i += indexStep, s += sourceStep, o += outStep) {
      const position = load<u32>(index + (<usize>i << 2));
      if (position >= size) {
        report(p, position);
        continue;
      }
      const to = out + (<usize>(o + position * stride) << 2), from = source + (<usize>s << 2);
      if (isFloat) store<f32>(to, load<f32>(to) + load<f32>(from));
      else store<i32>(to, load<i32>(to) + load<i32>(from));
    }
  }
}

function report(p: usize, position: u32): void {
  store<i32>(p, 1, X_BAD);
  store<u32>(p, position, X_BAD_INDEX);
}
