// Packing: copies blocks of a strided matrix into the order the micro-kernels read. Transposes cost
// nothing extra here, which is why backward products run as fast as forward ones.
//
// A panel: mr rows side by side, [k][mr], 6 or 4 as the host chose. B panel: 8 columns side by side, [k][8]. Rows and columns
// beyond the matrix are zeros, so the micro-kernels never look at the edge.

import { widenF16 } from "../simd";
import { loadElement } from "../vm/access";
import { KIND_BF16, KIND_WORD } from "../vm/layout";

/** Most rows read in place at once: 12 accumulators of 16 registers with fused multiply-add, 8 without. */
export const MR: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 4;
export const NR: i32 = 8;

/**
 * Rows of the next tile when `left` are left and a full one has `mr`: 8 are 4 + 4 and not 6 + 2, because a tile of
 * few rows only waits for its own sums, as long as one of four rows works.
 */
// @ts-ignore: decorator
@inline
export function tileRows(left: i32, mr: i32): i32 {
  return left > mr && left < mr + 3 ? 4 : min<i32>(left, mr);
}

/** Lines of the panel that holds so many rows of A: 4 or 6, as there are packed tiles. */
// @ts-ignore: decorator
@inline
export function panelRows(rows: i32): i32 {
  return rows > 4 ? 6 : 4;
}

// @ts-ignore: decorator
@inline
function zip32(a: v128, b: v128, high: bool): v128 {
  return high ? i32x4.shuffle(a, b, 2, 6, 3, 7) : i32x4.shuffle(a, b, 0, 4, 1, 5);
}

// @ts-ignore: decorator
@inline
function zip64(a: v128, b: v128, high: bool): v128 {
  return high ? i64x2.shuffle(a, b, 1, 3) : i64x2.shuffle(a, b, 0, 2);
}

/** Transposes 4 × 4 words: rows `row` bytes apart at `from`, columns `column` bytes apart at `to`. */
// @ts-ignore: decorator
@inline
function transpose4(from: usize, row: usize, to: usize, column: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + row);
  const c = v128.load(from + row * 2);
  const d = v128.load(from + row * 3);
  const ab = zip32(a, b, false), cd = zip32(c, d, false);
  const ef = zip32(a, b, true), gh = zip32(c, d, true);
  v128.store(to, zip64(ab, cd, false));
  v128.store(to + column, zip64(ab, cd, true));
  v128.store(to + column * 2, zip64(ef, gh, false));
  v128.store(to + column * 3, zip64(ef, gh, true));
}

/** One panel of `width` (≤ panel) lines of length k: line i at `from` + i·line, its elements `step` apart. */
function packSlow(
  kind: i32, base: usize, offset: i32, line: i32, step: i32, width: i32, panel: i32, k: i32, to: usize,
): void {
  for (let i = 0; i < panel; i++) {
    let at = to + (<usize>i << 2);
    let o = offset + i * line;
    for (let j = 0; j < k; j++, at += <usize>panel << 2, o += step) {
      store<u32>(at, i < width ? loadElement(kind, base, o) : 0);
    }
  }
}

/**
 * Packs `k` × `width` of A: rows `rs` apart, columns `cs` apart (elements), from element `offset`.
 */
export function packA(
  kind: i32, base: usize, offset: i32, rs: i32, cs: i32, width: i32, mr: i32, k: i32, to: usize,
): void {
  if (kind != KIND_WORD || width < mr || (rs != 1 && cs != 1)) {
    packSlow(kind, base, offset, rs, cs, width, mr, k, to);
    return;
  }
  let from = base + (<usize>offset << 2);
  const column = <usize>mr << 2;
  if (rs == 1) {
    const step = <usize>cs << 2;
    for (let j = 0; j < k; j++, from += step, to += column) {
      if (mr == 6) store<u64>(to, load<u64>(from, 16), 16);
      v128.store(to, v128.load(from));
    }
    return;
  }
  const row = <usize>rs << 2;
  let j = 0;
  for (; j + 4 <= k; j += 4, from += 16, to += column << 2) {
    transpose4(from, row, to, column);
    if (mr == 6) {
      const e = v128.load(from + row * 4), f = v128.load(from + row * 5);
      const low = zip32(e, f, false), high = zip32(e, f, true);
      v128.store64_lane(to, low, 0, 16);
      v128.store64_lane(to + column, low, 1, 16);
      v128.store64_lane(to + column * 2, high, 0, 16);
      v128.store64_lane(to + column * 3, high, 1, 16);
    }
  }
  for (; j < k; j++, from += 4, to += column) {
    for (let i: usize = 0; i < <usize>mr; i++) store<u32>(to + (i << 2), load<u32>(from + row * i));
  }
}

/** Packs `k` × `width` of B: rows `rs` apart, columns `cs` apart (elements), from element `offset`. */
export function packB(
  kind: i32, base: usize, offset: i32, rs: i32, cs: i32, width: i32, k: i32, to: usize,
): void {
  if (width < NR || (rs != 1 && cs != 1)) {
    packSlow(kind, base, offset, cs, rs, width, NR, k, to);
    return;
  }
  if (kind != KIND_WORD) {
    if (cs != 1) {
      packSlow(kind, base, offset, cs, rs, width, NR, k, to);
      return;
    }
    let half = base + (<usize>offset << 1);
    for (let j = 0; j < k; j++, half += <usize>rs << 1, to += 32) {
      const low = v128.load16x4_u(half), high = v128.load16x4_u(half, 8);
      v128.store(to, kind == KIND_BF16 ? i32x4.shl(low, 16) : widenF16(low));
      v128.store(to, kind == KIND_BF16 ? i32x4.shl(high, 16) : widenF16(high), 16);
    }
    return;
  }
  let from = base + (<usize>offset << 2);
  if (cs == 1) {
    const step = <usize>rs << 2;
    for (let j = 0; j < k; j++, from += step, to += 32) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    }
    return;
  }
  const row = <usize>cs << 2;
  let j = 0;
  for (; j + 4 <= k; j += 4, from += 16, to += 128) {
    transpose4(from, row, to, 32);
    transpose4(from + row * 4, row, to + 16, 32);
  }
  for (; j < k; j++, from += 4, to += 32) {
    for (let i: usize = 0; i < 8; i++) store<u32>(to + (i << 2), load<u32>(from + row * i));
  }
}
