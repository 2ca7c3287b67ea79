// random: Threefry words, sixteen at a time. A tile is 1024 words. Words 2i and 2i + 1 of the output encrypt
// counter + i, a 64-bit sum.

import { threefry16 } from "../math/threefry";

export function random(p: usize, begin: i32, end: i32, scratch: usize): void {
  const state = load<usize>(p), out = load<usize>(p, 4), n = load<i32>(p, 8);
  const step = load<usize>(p, 12); // bytes between the words of the state
  const k0 = load<u32>(state), k1 = load<u32>(state + step);
  const counter = <u64>load<u32>(state + step * 2) | (<u64>load<u32>(state + step * 3) << 32);
  const last = min<i32>(end << 10, n);
  for (let word = begin << 10; word < last; word += 16) {
    const to = out + (<usize>word << 2);
    const isWhole = word + 16 <= last;
    threefry16(counter + <u64>(word >> 1), k0, k1, isWhole ? to : scratch);
    if (!isWhole) memory.copy(to, scratch, <usize>(last - word) << 2);
  }
}
