// RMSNorm (Zhang and Sennrich 2019) over rows [N, D], forward and backward.
//
// rmsNorm: a tile is a row; y = x · rstd · weight. Bytes: x twice (from L1), y once.
// rmsNormBackward: a tile is a run of rows; dx per row, and the run's share of dweight in a row of its
// own, which sumPartials adds up in order, so that the result does not depend on who did which run.

import { madd } from "../simd";
import { dotRow, dotRow3 } from "./rows";

export function rmsNorm(p: usize, begin: i32, end: i32, scratch: usize): void {
  const weight = load<usize>(p, 4), rstd = load<usize>(p, 12);
  const n = load<i32>(p, 16), eps = load<f32>(p, 20);
  const bytes = <usize>n << 2;
  let x = load<usize>(p) + <usize>begin * bytes, y = load<usize>(p, 8) + <usize>begin * bytes;
  for (let row = begin; row < end; row++) {
    const r = <f32>1 / sqrt<f32>(dotRow(x, x, n) / <f32>n + eps);
    store<f32>(rstd + (<usize>row << 2), r);
    const factor = f32x4.splat(r);
    let i = 0;
    let w = weight;
    for (; i + 4 <= n; i += 4, x += 16, y += 16, w += 16) {
      v128.store(y, f32x4.mul(f32x4.mul(v128.load(x), factor), v128.load(w)));
    }
    for (; i < n; i++, x += 4, y += 4, w += 4) store<f32>(y, load<f32>(x) * r * load<f32>(w));
  }
}

/** dx = rstd · (g − x · Σ(g·x) · rstd² / D) with g = dy · weight; dweight = Σ dy · x · rstd. */
export function rmsNormBackward(p: usize, begin: i32, end: i32, scratch: usize): void {
  const dyBase = load<usize>(p), xBase = load<usize>(p, 4), weight = load<usize>(p, 8);
  const rstd = load<usize>(p, 12), dxBase = load<usize>(p, 16), partials = load<usize>(p, 20);
  const rows = load<i32>(p, 24), n = load<i32>(p, 28), rowsPerTile = load<i32>(p, 32);
  const bytes = <usize>n << 2;
  for (let tile = begin; tile < end; tile++) {
    const partial = partials + <usize>tile * bytes;
    memory.fill(partial, 0, bytes);
    const first = tile * rowsPerTile;
    for (let row = first; row < min<i32>(first + rowsPerTile, rows); row++) {
      let dy = dyBase + <usize>row * bytes, x = xBase + <usize>row * bytes;
      let dx = dxBase + <usize>row * bytes;
      const r = load<f32>(rstd + (<usize>row << 2));
      const c = dotRow3(dy, weight, x, n) * r * r * r / <f32>n;
      const rv = f32x4.splat(r), cv = f32x4.splat(c);
      let i = 0;
      let w = weight, dw = partial;
      for (; i + 4 <= n; i += 4, dy += 16, x += 16, dx += 16, w += 16, dw += 16) {
        const g = f32x4.mul(v128.load(dy), rv);
        const xv = v128.load(x);
        v128.store(dx, f32x4.sub(f32x4.mul(g, v128.load(w)), f32x4.mul(xv, cv)));
        v128.store(dw, madd(g, xv, v128.load(dw)));
      }
      for (; i < n; i++, dy += 4, x += 4, dx += 4, w += 4, dw += 4) {
        const g = load<f32>(dy) * r;
        store<f32>(dx, g * load<f32>(w) - load<f32>(x) * c);
        store<f32>(dw, load<f32>(dw) + g * load<f32>(x));
      }
    }
  }
}

/** out[i] = Σ over rows of partials[row, i], rows in order. A tile is 64 columns. */
export function sumPartials(p: usize, begin: i32, end: i32, scratch: usize): void {
  const partials = load<usize>(p), out = load<usize>(p, 4);
  const rows = load<i32>(p, 8), n = load<i32>(p, 12);
  const bytes = <usize>n << 2;
  for (let i = begin << 6; i < min<i32>(end << 6, n); i++) {
    let at = partials + (<usize>i << 2);
    let sum: f64 = 0;
    for (let row = 0; row < rows; row++, at += bytes) sum += <f64>load<f32>(at);
    store<f32>(out + (<usize>i << 2), <f32>sum);
  }
}
