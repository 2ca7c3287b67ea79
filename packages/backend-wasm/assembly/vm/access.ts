// Moves runs of elements between views and blocks of 32-bit words, converting f16 and bf16 on the way.
// Stride 1 is vectorised; stride 0 fills; any other stride goes element by element.

import { narrowBF16, narrowF16, widenF16 } from "../simd";
import { KIND_BF16, KIND_F16, KIND_INDEX, KIND_WORD } from "./layout";

/** One element as a 32-bit word. */
// @ts-ignore: decorator
@inline
export function loadElement(kind: i32, base: usize, offset: i32): u32 {
  if (kind == KIND_WORD) return load<u32>(base + (<usize>offset << 2));
  if (kind == KIND_INDEX) return offset;
  const half = <u32>load<u16>(base + (<usize>offset << 1));
  if (kind == KIND_BF16) return half << 16;
  return i32x4.extract_lane(widenF16(i32x4.splat(half)), 0);
}

// @ts-ignore: decorator
@inline
export function storeElement(kind: i32, base: usize, offset: i32, word: u32): void {
  if (kind == KIND_WORD) {
    store<u32>(base + (<usize>offset << 2), word);
    return;
  }
  const x = i32x4.splat(word);
  const half = i32x4.extract_lane(kind == KIND_F16 ? narrowF16(x) : narrowBF16(x), 0);
  store<u16>(base + (<usize>offset << 1), <u16>half);
}

function loadHalves(kind: i32, from: usize, to: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const x = v128.load16x4_u(from + (<usize>i << 1));
    v128.store(to + (<usize>i << 2), kind == KIND_BF16 ? i32x4.shl(x, 16) : widenF16(x));
  }
  for (; i < n; i++) store<u32>(to + (<usize>i << 2), loadElement(kind, from, i));
}

function storeHalves(kind: i32, from: usize, to: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const x = v128.load(from + (<usize>i << 2));
    const half = kind == KIND_BF16 ? narrowBF16(x) : narrowF16(x);
    v128.store64_lane(to + (<usize>i << 1), i16x8.narrow_i32x4_u(half, half), 0);
  }
  for (; i < n; i++) storeElement(kind, to, i, load<u32>(from + (<usize>i << 2)));
}

/** Copies n words; both may be unaligned. Short runs are cheaper inline than through memory.copy. */
// @ts-ignore: decorator
@inline
export function copyWords(from: usize, to: usize, n: i32): void {
  if (n > 64) {
    memory.copy(to, from, <usize>n << 2);
    return;
  }
  let i: usize = 0;
  const end = <usize>n << 2;
  for (; i + 16 <= end; i += 16) v128.store(to + i, v128.load(from + i));
  for (; i < end; i += 4) store<u32>(to + i, load<u32>(from + i));
}

/** The n elements at offset, offset + stride… of a view into consecutive words at `to`. */
export function loadRun(kind: i32, base: usize, offset: i32, stride: i32, to: usize, n: i32): void {
  if (stride == 1 && kind == KIND_WORD) {
    copyWords(base + (<usize>offset << 2), to, n);
  } else if (stride == 1 && kind != KIND_INDEX) {
    loadHalves(kind, base + (<usize>offset << 1), to, n);
  } else if (stride == 0) {
    const word = loadElement(kind, base, offset);
    for (let i = 0; i < n; i++) store<u32>(to + (<usize>i << 2), word);
  } else if (kind == KIND_WORD) {
    let from = base + (<usize>offset << 2);
    const end = to + (<usize>n << 2);
    const step = <usize>stride << 2;
    for (; to < end; to += 4, from += step) store<u32>(to, load<u32>(from));
  } else {
    for (let i = 0; i < n; i++, offset += stride) {
      store<u32>(to + (<usize>i << 2), loadElement(kind, base, offset));
    }
  }
}

/** The reverse of `loadRun`. */
export function storeRun(kind: i32, base: usize, offset: i32, stride: i32, from: usize, n: i32): void {
  if (stride == 1 && kind == KIND_WORD) {
    copyWords(from, base + (<usize>offset << 2), n);
  } else if (stride == 1) {
    storeHalves(kind, from, base + (<usize>offset << 1), n);
  } else {
    for (let i = 0; i < n; i++, offset += stride) {
      storeElement(kind, base, offset, load<u32>(from + (<usize>i << 2)));
    }
  }
}
