// AdamW (Loshchilov and Hutter 2019, as torch.optim.AdamW), in place over flat arenas. A tile is 4096
// elements. Bytes: reads parameter, gradient, m, v; writes parameter, m, v: 28 per element.

import { madd } from "../simd";

export function adamW(p: usize, begin: i32, end: i32, scratch: usize): void {
  const n = load<i32>(p, 20);
  const scalars = load<usize>(p, 16);
  const rate = v128.load32_splat(scalars), correction1 = v128.load32_splat(scalars, 4);
  const correction2 = v128.load32_splat(scalars, 8), factor = v128.load32_splat(scalars, 12);
  const beta1 = v128.load32_splat(p, 24), rest1 = v128.load32_splat(p, 28);
  const beta2 = v128.load32_splat(p, 32), rest2 = v128.load32_splat(p, 36);
  const eps = v128.load32_splat(p, 40), decay = v128.load32_splat(p, 44);
  const first = begin << 12, last = min<i32>(end << 12, n);
  const start = <usize>first << 2;
  let w = load<usize>(p) + start, g = load<usize>(p, 4) + start;
  let m = load<usize>(p, 8) + start, v = load<usize>(p, 12) + start;
  for (let i = first; i < last; i += 4) {
    const grad = f32x4.mul(v128.load(g), factor);
    const m1 = madd(v128.load(m), beta1, f32x4.mul(grad, rest1));
    const v1 = madd(v128.load(v), beta2, f32x4.mul(f32x4.mul(grad, grad), rest2));
    const root = f32x4.add(f32x4.sqrt(f32x4.div(v1, correction2)), eps);
    const old = v128.load(w);
    const direction = madd(old, decay, f32x4.div(f32x4.div(m1, correction1), root));
    const next = f32x4.sub(old, f32x4.mul(rate, direction));
    if (i + 4 <= last) {
      v128.store(w, next);
      v128.store(m, m1);
      v128.store(v, v1);
    } else {
      v128.store(scratch, next);
      v128.store(scratch, m1, 16);
      v128.store(scratch, v1, 32);
      const bytes = <usize>(last - i) << 2;
      memory.copy(w, scratch, bytes);
      memory.copy(m, scratch + 16, bytes);
      memory.copy(v, scratch + 32, bytes);
    }
    w += 16;
    g += 16;
    m += 16;
    v += 16;
  }
}
