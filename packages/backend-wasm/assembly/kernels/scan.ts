// scan: the running sum, product, maximum or minimum of each contiguous row of N words. A tile is a row.
// f32 sums are carried in f64.

import { F32, SUM, foldF32, foldInteger, identityOf } from "../vm/fold";

export function scan(p: usize, begin: i32, end: i32, scratch: usize): void {
  const from = load<usize>(p), out = load<usize>(p, 4);
  const n = load<i32>(p, 8), op = load<i32>(p, 12), type = load<i32>(p, 16);
  const exclusive = load<i32>(p, 20) != 0, reverse = load<i32>(p, 24) != 0;
  const step: i32 = reverse ? -4 : 4;
  for (let row = begin; row < end; row++) {
    const shift = <usize>((row * n + (reverse ? n - 1 : 0)) << 2);
    let x = from + shift, y = out + shift;
    if (type == F32 && op == SUM) {
      let total: f64 = 0;
      for (let i = 0; i < n; i++, x += step, y += step) {
        const next = total + <f64>load<f32>(x);
        store<f32>(y, <f32>(exclusive ? total : next));
        total = next;
      }
      continue;
    }
    let total = identityOf(op, type);
    for (let i = 0; i < n; i++, x += step, y += step) {
      const next = type == F32
        ? reinterpret<i32>(foldF32(op, reinterpret<f32>(total), load<f32>(x)))
        : foldInteger(op, type, total, load<i32>(x));
      store<i32>(y, exclusive ? total : next);
      total = next;
    }
  }
}
