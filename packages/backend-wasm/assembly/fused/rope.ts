// Rotary position embedding: each pair of a row of x is turned by the angle of its cosine and sine. A tile is a row;
// views of the space: x, cos, sin without their last axis. Bytes: x once, the result once, the tables from L1.
// Tolerance: 2 ulp of the larger product.

import { madd, nmadd } from "../simd";
import { locateRow, offsetOf } from "../vm/walk";

const R_X: usize = 0;
const R_COS: usize = 4;
const R_SIN: usize = 8;
const R_OUT: usize = 12; // contiguous
const R_HALF: usize = 16; // pairs in a row
const R_INTERLEAVED: usize = 20;
const R_SPACE: usize = 24;

function turnInterleaved(x: usize, c: usize, s: usize, y: usize, half: i32): void {
  let i = 0;
  for (; i + 4 <= half; i += 4, x += 32, c += 16, s += 16, y += 32) {
    const low = v128.load(x), high = v128.load(x, 16);
    const a = i32x4.shuffle(low, high, 0, 2, 4, 6), b = i32x4.shuffle(low, high, 1, 3, 5, 7);
    const cos = v128.load(c), sin = v128.load(s);
    const first = nmadd(b, sin, f32x4.mul(a, cos)), second = madd(b, cos, f32x4.mul(a, sin));
    v128.store(y, i32x4.shuffle(first, second, 0, 4, 1, 5));
    v128.store(y, i32x4.shuffle(first, second, 2, 6, 3, 7), 16);
  }
  for (; i < half; i++, x += 8, c += 4, s += 4, y += 8) {
    const a = load<f32>(x), b = load<f32>(x, 4), cos = load<f32>(c), sin = load<f32>(s);
    store<f32>(y, a * cos - b * sin);
    store<f32>(y, a * sin + b * cos, 4);
  }
}

function turnHalves(x: usize, c: usize, s: usize, y: usize, half: i32): void {
  const across = <usize>half << 2;
  let i = 0;
  for (; i + 4 <= half; i += 4, x += 16, c += 16, s += 16, y += 16) {
    const a = v128.load(x), b = v128.load(x + across), cos = v128.load(c), sin = v128.load(s);
    v128.store(y, nmadd(b, sin, f32x4.mul(a, cos)));
    v128.store(y + across, madd(b, cos, f32x4.mul(a, sin)));
  }
  for (; i < half; i++, x += 4, c += 4, s += 4, y += 4) {
    const a = load<f32>(x), b = load<f32>(x + across), cos = load<f32>(c), sin = load<f32>(s);
    store<f32>(y, a * cos - b * sin);
    store<f32>(y + across, a * sin + b * cos);
  }
}

export function rope(p: usize, begin: i32, end: i32, scratch: usize): void {
  const half = load<i32>(p, R_HALF), isInterleaved = load<i32>(p, R_INTERLEAVED) != 0;
  const bytes = <usize>half << 3;
  let y = load<usize>(p, R_OUT) + <usize>begin * bytes;
  for (let row = begin; row < end; row++, y += bytes) {
    locateRow(p + R_SPACE, row);
    const x = load<usize>(p, R_X) + (<usize>offsetOf(0) << 2);
    const c = load<usize>(p, R_COS) + (<usize>offsetOf(1) << 2);
    const s = load<usize>(p, R_SIN) + (<usize>offsetOf(2) << 2);
    if (isInterleaved) turnInterleaved(x, c, s, y, half);
    else turnHalves(x, c, s, y, half);
  }
}
