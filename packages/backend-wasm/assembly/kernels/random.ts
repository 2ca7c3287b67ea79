// random: Threefry-2x32-20 words (Salmon et al., SC 2011), four counters at a time. A tile is 1024 words.
// Words 2i and 2i + 1 of the output encrypt counter + i, a 64-bit sum.

// @ts-ignore: decorator
@inline
function rotate(x: v128, r: i32): v128 {
  return v128.or(i32x4.shl(x, r), i32x4.shr_u(x, 32 - r));
}

let y0: v128 = i32x4.splat(0);
let y1: v128 = i32x4.splat(0);

// @ts-ignore: decorator
@inline
function fourRounds(a: i32, b: i32, c: i32, d: i32, k0: u32, k1: u32): void {
  let x0 = y0, x1 = y1;
  x0 = i32x4.add(x0, x1);
  x1 = v128.xor(rotate(x1, a), x0);
  x0 = i32x4.add(x0, x1);
  x1 = v128.xor(rotate(x1, b), x0);
  x0 = i32x4.add(x0, x1);
  x1 = v128.xor(rotate(x1, c), x0);
  x0 = i32x4.add(x0, x1);
  x1 = v128.xor(rotate(x1, d), x0);
  y0 = i32x4.add(x0, i32x4.splat(k0));
  y1 = i32x4.add(x1, i32x4.splat(k1));
}

export function random(p: usize, begin: i32, end: i32, scratch: usize): void {
  const state = load<usize>(p), out = load<usize>(p, 4), n = load<i32>(p, 8);
  const step = load<usize>(p, 12); // bytes between the words of the state
  const k0 = load<u32>(state), k1 = load<u32>(state + step);
  const k2 = 0x1bd11bda ^ k0 ^ k1;
  const counter = <u64>load<u32>(state + step * 2) | (<u64>load<u32>(state + step * 3) << 32);
  const last = min<i32>(end << 10, n);
  for (let word = begin << 10; word < last; word += 8) {
    const first = counter + <u64>(word >> 1);
    const low = i32x4.add(i32x4.splat(<u32>first), i32x4(0, 1, 2, 3));
    // A lane whose low word wrapped is smaller than the first one.
    const carry = i32x4.lt_u(low, i32x4.splat(<u32>first));
    const high = i32x4.sub(i32x4.splat(<u32>(first >> 32)), carry);
    y0 = i32x4.add(low, i32x4.splat(k0));
    y1 = i32x4.add(high, i32x4.splat(k1));
    fourRounds(13, 15, 26, 6, k1, k2 + 1);
    fourRounds(17, 29, 16, 24, k2, k0 + 2);
    fourRounds(13, 15, 26, 6, k0, k1 + 3);
    fourRounds(17, 29, 16, 24, k1, k2 + 4);
    fourRounds(13, 15, 26, 6, k2, k0 + 5);
    const a = i32x4.shuffle(y0, y1, 0, 4, 1, 5), b = i32x4.shuffle(y0, y1, 2, 6, 3, 7);
    const to = out + (<usize>word << 2);
    if (word + 8 <= last) {
      v128.store(to, a);
      v128.store(to, b, 16);
    } else {
      v128.store(scratch, a);
      v128.store(scratch, b, 16);
      memory.copy(to, scratch, <usize>(last - word) << 2);
    }
  }
}
