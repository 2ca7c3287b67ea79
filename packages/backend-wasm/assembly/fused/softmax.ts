// softmax and its backward over rows [N, D]. A tile is a row. Bytes: x twice (from L1), y once; dy and y
// twice, dx once. Tolerance: 4 ulp of the largest term per element.

import { dotRow, expRowAhead, maxAhead, maxRow, scaleRow } from "./rows";

export function softmax(p: usize, begin: i32, end: i32, scratch: usize): void {
  const n = load<i32>(p, 8);
  const bytes = <usize>n << 2;
  let x = load<usize>(p) + <usize>begin * bytes, y = load<usize>(p, 4) + <usize>begin * bytes;
  let top = maxRow(x, n);
  for (let row = begin; row < end; row++, x += bytes, y += bytes) {
    // The same way for every row, whoever computes it: a tile's last row looks ahead at itself.
    const sum = expRowAhead(y, x, top, n, row + 1 < end ? bytes : 0, scratch);
    top = maxAhead();
    scaleRow(y, y, 1 / sum, n);
  }
}

/** dx = y · (dy − Σ dy·y). */
export function softmaxBackward(p: usize, begin: i32, end: i32, scratch: usize): void {
  const n = load<i32>(p, 12);
  const bytes = <usize>n << 2;
  const start = <usize>begin * bytes;
  let dy = load<usize>(p) + start, y = load<usize>(p, 4) + start, dx = load<usize>(p, 8) + start;
  for (let row = begin; row < end; row++) {
    const s = dotRow(dy, y, n);
    const sum = f32x4.splat(s);
    let i = 0;
    for (; i + 4 <= n; i += 4, dy += 16, y += 16, dx += 16) {
      v128.store(dx, f32x4.mul(v128.load(y), f32x4.sub(v128.load(dy), sum)));
    }
    for (; i < n; i++, dy += 4, y += 4, dx += 4) store<f32>(dx, load<f32>(y) * (load<f32>(dy) - s));
  }
}
