// Threefry-2x32-20 (Salmon et al., SC 2011), eight counters at a time in two vectors: each round waits for the one
// before it, so one vector alone would leave the processor half idle.

// @ts-ignore: decorator
@inline
function rotate(x: v128, r: i32): v128 {
  return v128.or(i32x4.shl(x, r), i32x4.shr_u(x, 32 - r));
}

let x0: v128 = i32x4.splat(0);
let x1: v128 = i32x4.splat(0);
let y0: v128 = i32x4.splat(0);
let y1: v128 = i32x4.splat(0);

// @ts-ignore: decorator
@inline
function fourRounds(a: i32, b: i32, c: i32, d: i32, k0: u32, k1: u32): void {
  let p = x0, q = x1, r = y0, s = y1;
  p = i32x4.add(p, q);
  r = i32x4.add(r, s);
  q = v128.xor(rotate(q, a), p);
  s = v128.xor(rotate(s, a), r);
  p = i32x4.add(p, q);
  r = i32x4.add(r, s);
  q = v128.xor(rotate(q, b), p);
  s = v128.xor(rotate(s, b), r);
  p = i32x4.add(p, q);
  r = i32x4.add(r, s);
  q = v128.xor(rotate(q, c), p);
  s = v128.xor(rotate(s, c), r);
  p = i32x4.add(p, q);
  r = i32x4.add(r, s);
  q = v128.xor(rotate(q, d), p);
  s = v128.xor(rotate(s, d), r);
  const left = i32x4.splat(k0), right = i32x4.splat(k1);
  x0 = i32x4.add(p, left);
  x1 = i32x4.add(q, right);
  y0 = i32x4.add(r, left);
  y1 = i32x4.add(s, right);
}

/** The low or high words of counters first + `from` .. first + `from` + 3. */
// @ts-ignore: decorator
@inline
function lowWords(first: u64, from: v128): v128 {
  return i32x4.add(i32x4.splat(<u32>first), from);
}

// @ts-ignore: decorator
@inline
function highWords(first: u64, low: v128): v128 {
  // A lane whose low word wrapped is smaller than the first one.
  const carry = i32x4.lt_u(low, i32x4.splat(<u32>first));
  return i32x4.sub(i32x4.splat(<u32>(first >> 32)), carry);
}

/** The sixteen words of counters first .. first + 7, which are 64-bit numbers, under key k0, k1; stored at `to`. */
// @ts-ignore: decorator
@inline
export function threefry16(first: u64, k0: u32, k1: u32, to: usize): void {
  const k2 = 0x1bd11bda ^ k0 ^ k1;
  const low = lowWords(first, i32x4(0, 1, 2, 3)), next = lowWords(first, i32x4(4, 5, 6, 7));
  const left = i32x4.splat(k0), right = i32x4.splat(k1);
  x0 = i32x4.add(low, left);
  x1 = i32x4.add(highWords(first, low), right);
  y0 = i32x4.add(next, left);
  y1 = i32x4.add(highWords(first, next), right);
  fourRounds(13, 15, 26, 6, k1, k2 + 1);
  fourRounds(17, 29, 16, 24, k2, k0 + 2);
  fourRounds(13, 15, 26, 6, k0, k1 + 3);
  fourRounds(17, 29, 16, 24, k1, k2 + 4);
  fourRounds(13, 15, 26, 6, k2, k0 + 5);
  v128.store(to, i32x4.shuffle(x0, x1, 0, 4, 1, 5));
  v128.store(to, i32x4.shuffle(x0, x1, 2, 6, 3, 7), 16);
  v128.store(to, i32x4.shuffle(y0, y1, 0, 4, 1, 5), 32);
  v128.store(to, i32x4.shuffle(y0, y1, 2, 6, 3, 7), 48);
}
