// AdamW (Loshchilov and Hutter 2019, as torch.optim.AdamW), in place over flat arenas. A tile is 4096
// elements. Bytes: reads parameter, gradient, m, v; writes parameter, m, v: 28 per element.

import { madd } from "../simd";

/** Whole vectors. What an element costs is its divisions: the corrections are inverted once. */
function update(p: usize, w: usize, g: usize, m: usize, v: usize, n: i32): void {
  const scalars = load<usize>(p, 16);
  const rate = v128.load32_splat(scalars), factor = v128.load32_splat(scalars, 12);
  const inverse1 = f32x4.splat(<f32>1 / load<f32>(scalars, 4));
  const inverse2 = f32x4.splat(<f32>1 / load<f32>(scalars, 8));
  const beta1 = v128.load32_splat(p, 24), rest1 = v128.load32_splat(p, 28);
  const beta2 = v128.load32_splat(p, 32), rest2 = v128.load32_splat(p, 36);
  const eps = v128.load32_splat(p, 40), decay = v128.load32_splat(p, 44);
  for (const end = w + (<usize>n << 2); w < end; w += 16, g += 16, m += 16, v += 16) {
    const grad = f32x4.mul(v128.load(g), factor);
    const m1 = madd(v128.load(m), beta1, f32x4.mul(grad, rest1));
    const v1 = madd(v128.load(v), beta2, f32x4.mul(f32x4.mul(grad, grad), rest2));
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(v1, inverse2)), eps);
    const old = v128.load(w);
    const direction = madd(old, decay, f32x4.div(f32x4.mul(m1, inverse1), root));
    v128.store(w, f32x4.sub(old, f32x4.mul(rate, direction)));
    v128.store(m, m1);
    v128.store(v, v1);
  }
}

export function adamW(p: usize, begin: i32, end: i32, scratch: usize): void {
  const first = begin << 12, last = min<i32>(end << 12, load<i32>(p, 20));
  const start = <usize>first << 2;
  let w = load<usize>(p) + start, g = load<usize>(p, 4) + start;
  let m = load<usize>(p, 8) + start, v = load<usize>(p, 12) + start;
  const whole = (last - first) & ~3, bytes = <usize>(last - first - whole) << 2;
  update(p, w, g, m, v, whole);
  if (!bytes) return;
  const done = <usize>whole << 2;
  w += done;
  g += done;
  m += done;
  v += done;
  memory.copy(scratch, w, bytes);
  memory.copy(scratch + 16, g, bytes);
  memory.copy(scratch + 32, m, bytes);
  memory.copy(scratch + 48, v, bytes);
  update(p, scratch, scratch + 16, scratch + 32, scratch + 48, 4);
  memory.copy(w, scratch, bytes);
  memory.copy(m, scratch + 32, bytes);
  memory.copy(v, scratch + 48, bytes);
}
