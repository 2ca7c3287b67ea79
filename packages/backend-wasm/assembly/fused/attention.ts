// Attention forward (Dao et al., FlashAttention 2022, for one core): a tile is a block of queries of one
// (batch, head). Blocks of keys come one after another; the scores of a block stay in L1, and each
// query's maximum and sum are corrected as larger scores appear, so memory is linear in the length.
//
// q [B, H, T, D], k [B, H, S, D], v [B, H, S, Dv]: any strides but 1 along the last axis.
// FLOPs 2·T·S·(D + Dv) per head (half if causal). Tolerance: 2e-5 relative to the largest |v|.

import { multiply } from "../gemm/block";
import { dotFour, dotOne } from "../gemm/dots";
import { packB } from "../gemm/pack";
import { exp4 } from "../math/exp";
import { log4 } from "../math/log";
import { KIND_WORD } from "../vm/layout";
import { expRow, maxRow, scaleRow } from "./rows";

// Parameters shared with the backward kernel.
export const A_Q: usize = 0; // address, strides of batch, head, row
export const A_K: usize = 16;
export const A_V: usize = 32;
export const A_MASK: usize = 48; // address or 0, strides of batch, head, row, column
export const A_O: usize = 68; // contiguous
export const A_LSE: usize = 72;
export const A_H: usize = 76;
export const A_T: usize = 80;
export const A_S: usize = 84;
export const A_D: usize = 88;
export const A_DV: usize = 92;
export const A_SCALE: usize = 96; // f32
export const A_CAUSAL: usize = 100;
export const A_EXTRA: usize = 104;

export const QUERIES: i32 = 48; // the most in a tile
export const KEYS: i32 = 64;
/** Queries in a tile, a multiple of the micro-kernel's 6 and 4 rows: few where each hides keys from the others' rows. */
// @ts-ignore: decorator
@inline
export function queriesOf(causal: bool): i32 {
  return causal ? 24 : QUERIES;
}

/** Up to this many queries packing the keys costs more than it saves. */
const FEW: i32 = 16;
const KEPT_BYTES: i32 = 512 * 1024; // packed keys of one head are kept up to this size

// Scratch: an edge tile, the scores, running maxima and sums, packed keys.
const TILE: usize = 0;
const SCORES: usize = 256;
const MAXIMA: usize = SCORES + (<usize>QUERIES * <usize>KEYS << 2);
const SUMS: usize = MAXIMA + (<usize>QUERIES << 2);
const PACKED: usize = SUMS + (<usize>QUERIES << 2);

/** The address of the matrix of (batch, head). */
// @ts-ignore: decorator
@inline
export function headOf(p: usize, operand: usize, batch: i32, head: i32): usize {
  const offset = batch * load<i32>(p + operand, 4) + head * load<i32>(p + operand, 8);
  return load<usize>(p + operand) + (<usize>offset << 2);
}

/**
 * scores = scores · scale (+ mask) for one row, whose keys from `seen` on are hidden: −Inf up to the next eighth,
 * where their powers are 0, and 0 from there to n. Gives that eighth: beyond it there is nothing to do.
 */
export function finishScores(
  row: usize, n: i32, seen: i32, scale: f32, mask: usize, maskStep: i32,
): i32 {
  const count = (seen + 7) & ~7;
  scaleRow(row, row, scale, count);
  if (mask) {
    for (let i = 0; i < seen; i++, mask += <usize>maskStep << 2) {
      const at = row + (<usize>i << 2);
      store<f32>(at, load<f32>(at) + load<f32>(mask));
    }
  }
  for (let i = seen; i < count; i++) store<f32>(row + (<usize>i << 2), -Infinity);
  clearRow(row, count, n);
  return count;
}

/** Elements `from`, a multiple of four, to n of a padded row become 0. */
// @ts-ignore: decorator
@inline
export function clearRow(row: usize, from: i32, n: i32): void {
  for (let i = from; i < n; i += 4) v128.store(row + (<usize>i << 2), i32x4.splat(0));
}

/** Packs keys first..first + n as panels of 8 columns of Kᵀ. */
export function packKeys(k: usize, rowStride: i32, first: i32, n: i32, d: i32, to: usize): void {
  for (let i = 0; i < n; i += 8, to += <usize>d << 5) {
    packB(KIND_WORD, k, (first + i) * rowStride, 1, rowStride, min<i32>(8, n - i), d, to);
  }
}

/** Scores of a few queries: the keys are read where they are. */
function dotKeys(
  rows: i32, q: usize, rsq: usize, k: usize, step: usize, n: i32, d: i32, to: usize, ld: usize,
): void {
  let i = 0;
  for (; i + 4 <= n; i += 4, k += step << 2, to += 16) dotFour(rows, d, q, rsq, k, step, to, ld);
  for (; i < n; i++, k += step, to += 4) dotOne(rows, d, q, rsq, k, step, to, ld);
}

export function attention(p: usize, begin: i32, end: i32, scratch: usize): void {
  const heads = load<i32>(p, A_H), t = load<i32>(p, A_T), s = load<i32>(p, A_S);
  const d = load<i32>(p, A_D), dv = load<i32>(p, A_DV);
  const scale = load<f32>(p, A_SCALE), causal = load<i32>(p, A_CAUSAL) != 0;
  const rsq = load<i32>(p, A_Q + 12), rsk = load<i32>(p, A_K + 12), rsv = load<i32>(p, A_V + 12);
  const maskRow = load<i32>(p, A_MASK + 12), maskStep = load<i32>(p, A_MASK + 16);
  const queries = queriesOf(causal);
  const blocks = (t + queries - 1) / queries;
  const ld = <usize>KEYS << 2;
  const keeps = blocks > 1 && ((s + 7) & ~7) * d <= KEPT_BYTES >> 2;
  const scores = scratch + SCORES, maxima = scratch + MAXIMA, sums = scratch + SUMS;
  let kept = -1; // the (batch, head) whose keys are packed
  for (let tile = begin; tile < end; tile++) {
    const pair = tile / blocks;
    const batch = pair / heads, head = pair - batch * heads;
    const t0 = (tile - pair * blocks) * queries;
    const rows = min<i32>(queries, t - t0);
    const q = headOf(p, A_Q, batch, head) + (<usize>(t0 * rsq) << 2);
    const k = headOf(p, A_K, batch, head), v = headOf(p, A_V, batch, head);
    const hasMask = load<usize>(p, A_MASK) != 0;
    const mask = hasMask ? headOf(p, A_MASK, batch, head) + (<usize>(t0 * maskRow) << 2) : 0;
    const o = load<usize>(p, A_O) + (<usize>(pair * t + t0) * <usize>dv << 2);
    const lse = load<usize>(p, A_LSE) + (<usize>(pair * t + t0) << 2);
    memory.fill(o, 0, <usize>(rows * dv) << 2);
    for (let r = 0; r < rows; r++) {
      store<f32>(maxima + (<usize>r << 2), -Infinity);
      store<f32>(sums + (<usize>r << 2), 0);
    }
    if (keeps && kept != pair) {
      packKeys(k, rsk, 0, s, d, scratch + PACKED);
      kept = pair;
    }
    // Query t0 + r sees keys up to t0 + r + s − t.
    const visible = causal ? min<i32>(s, t0 + rows + s - t) : s;
    for (let s0 = 0; s0 < visible; s0 += KEYS) {
      const n = min<i32>(KEYS, visible - s0);
      if (t <= FEW) {
        const from = k + (<usize>(s0 * rsk) << 2);
        dotKeys(rows, q, <usize>rsq << 2, from, <usize>rsk << 2, n, d, scores, ld);
      } else {
        let packed = scratch + PACKED;
        if (keeps) packed += <usize>(s0 * d) << 2;
        else packKeys(k, rsk, s0, n, d, packed);
        multiply(rows, n, d, q, rsq, 1, packed, 32, <usize>d << 5, scores, ld, false, scratch + TILE);
      }
      for (let r = 0; r < rows; r++) {
        const row = scores + <usize>r * ld;
        const seen = causal ? max<i32>(0, min<i32>(n, t0 + r + s - t - s0 + 1)) : n;
        const maskAt = hasMask ? mask + (<usize>(r * maskRow + s0 * maskStep) << 2) : 0;
        const count = finishScores(row, n, seen, scale, maskAt, maskStep);
        const at = <usize>r << 2;
        const before = load<f32>(maxima + at);
        const top = max<f32>(before, maxRow(row, count));
        if (top == -Infinity) {
          clearRow(row, 0, n);
          continue;
        }
        const sum = expRow(row, row, top, count, scratch + TILE);
        if (top == before) {
          store<f32>(sums + at, load<f32>(sums + at) + sum);
          continue;
        }
        // What was summed before counted from a smaller maximum.
        const correction: f32 = before == -Infinity ? 0 : expOf(before - top);
        store<f32>(sums + at, load<f32>(sums + at) * correction + sum);
        store<f32>(maxima + at, top);
        const out = o + (<usize>(r * dv) << 2);
        if (s0 > 0) scaleRow(out, out, correction, dv);
      }
      multiply(
        rows, dv, n, scores, KEYS, 1, v + (<usize>(s0 * rsv) << 2), <usize>rsv << 2, 32, o,
        <usize>dv << 2, true, scratch + TILE,
      );
    }
    for (let r = 0; r < rows; r++) {
      const at = <usize>r << 2;
      const sum = load<f32>(sums + at);
      const out = o + (<usize>(r * dv) << 2);
      if (sum > 0) scaleRow(out, out, <f32>1 / sum, dv);
      store<f32>(lse + at, sum > 0 ? load<f32>(maxima + at) + logOf(sum) : -Infinity);
    }
  }
}

function expOf(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}

function logOf(x: f32): f32 {
  return f32x4.extract_lane(log4(f32x4.splat(x)), 0);
}
