// gather: out[c] = source[c with one coordinate replaced by index[c]]. The space is that of the index;
// views: index, source without the gathered axis, (unused). A tile is a row of its last axis. Where the
// index repeats along the row and the source is contiguous (an embedding lookup) the row is one copy.
// An index outside the axis gives 0 and is reported in the block. Bytes: 2–3 words per element.

import { lastDim, lastStride, locateRow, offsetOf } from "../vm/walk";

const X_SOURCE: usize = 0;
const X_INDEX: usize = 4;
const X_OUT: usize = 8;
const X_SHIFT: usize = 12; // log2 of the bytes of an element: 1 or 2
const X_SIZE: usize = 16; // of the gathered axis
const X_STRIDE: usize = 20; // of the source along it
const X_BAD: usize = 24; // set to 1 …
const X_BAD_INDEX: usize = 28; // … with an index that is outside
const X_SPACE: usize = 32;

export function gather(p: usize, begin: i32, end: i32, scratch: usize): void {
  const space = p + X_SPACE;
  const source = load<usize>(p, X_SOURCE), index = load<usize>(p, X_INDEX);
  const shift = load<usize>(p, X_SHIFT);
  const size = load<u32>(p, X_SIZE), stride = load<i32>(p, X_STRIDE);
  const n = lastDim(space);
  const indexStep = lastStride(space, 0), sourceStep = lastStride(space, 1);
  let out = load<usize>(p, X_OUT) + (<usize>begin * <usize>n << shift);
  for (let row = begin; row < end; row++) {
    locateRow(space, row);
    let i = offsetOf(0), o = offsetOf(1);
    if (indexStep == 0 && sourceStep == 1) {
      const position = load<u32>(index + (<usize>i << 2));
      if (position < size) {
        memory.copy(out, source + (<usize>(o + position * stride) << shift), <usize>n << shift);
      } else {
        memory.fill(out, 0, <usize>n << shift);
        report(p, position);
      }
      out += <usize>n << shift;
      continue;
    }
    for (let c = 0; c < n; c++, i += indexStep, o += sourceStep) {
      const position = load<u32>(index + (<usize>i << 2));
      const isInside = position < size;
      if (!isInside) report(p, position);
      const from = source + (<usize>(o + position * stride) << shift);
      if (shift == 2) store<u32>(out, isInside ? load<u32>(from) : 0);
      else store<u16>(out, isInside ? load<u16>(from) : 0);
      out += <usize>1 << shift;
    }
  }
}

function report(p: usize, position: u32): void {
  store<i32>(p, 1, X_BAD);
  store<u32>(p, position, X_BAD_INDEX);
}
