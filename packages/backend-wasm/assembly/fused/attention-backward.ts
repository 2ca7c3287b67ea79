// Attention backward: a tile is one (batch, head). For each block of keys and each block of queries that
// sees it, the probabilities are computed again from the saved log-sum-exp, then
//   dv += Pᵀ·do,   dS = P ∘ (do·vᵀ − Σ do∘o) · scale,   dq += dS·k,   dk += dSᵀ·q.
// Operands as in attention.ts; dq, dk, dv are contiguous. FLOPs 2·T·S·(3·D + 2·Dv) per head (half if
// causal). Tolerance: 1e-4 relative.

import { multiply } from "../gemm/block";
import {
  A_CAUSAL, A_D, A_DV, A_EXTRA, A_H, A_K, A_LSE, A_MASK, A_O, A_Q, A_S, A_SCALE, A_T, A_V, KEYS, QUERIES,
  clearRow, finishScores, headOf, packKeys, queriesOf,
} from "./attention";
import { dotRow, expRow } from "./rows";

const X_DO = A_EXTRA; // address, strides of batch, head, row
const X_DQ = A_EXTRA + 16;
const X_DK = A_EXTRA + 20;
const X_DV = A_EXTRA + 24;

const TILE: usize = 0;
const P_TILE: usize = 256;
const TILE_BYTES: usize = <usize>QUERIES * <usize>KEYS << 2;
const DP_TILE: usize = P_TILE + TILE_BYTES;
const PACKED: usize = DP_TILE + TILE_BYTES; // keys, then values, then Σ do∘o of every query

export function attentionBackward(p: usize, begin: i32, end: i32, scratch: usize): void {
  const heads = load<i32>(p, A_H), t = load<i32>(p, A_T), s = load<i32>(p, A_S);
  const d = load<i32>(p, A_D), dv = load<i32>(p, A_DV);
  const scale = load<f32>(p, A_SCALE), causal = load<i32>(p, A_CAUSAL) != 0;
  const rsq = load<i32>(p, A_Q + 12), rsk = load<i32>(p, A_K + 12), rsv = load<i32>(p, A_V + 12);
  const rsdo = load<i32>(p, X_DO + 12);
  const maskRow = load<i32>(p, A_MASK + 12), maskStep = load<i32>(p, A_MASK + 16);
  const queries = queriesOf(causal);
  const ld = <usize>KEYS << 2;
  const probabilities = scratch + P_TILE, gradients = scratch + DP_TILE;
  const packedK = scratch + PACKED;
  const packedV = packedK + (<usize>(KEYS * d) << 2);
  const deltas = packedV + (<usize>(KEYS * dv) << 2);
  for (let pair = begin; pair < end; pair++) {
    const batch = pair / heads, head = pair - batch * heads;
    const q = headOf(p, A_Q, batch, head), k = headOf(p, A_K, batch, head);
    const v = headOf(p, A_V, batch, head), dout = headOf(p, X_DO, batch, head);
    const hasMask = load<usize>(p, A_MASK) != 0;
    const mask = hasMask ? headOf(p, A_MASK, batch, head) : 0;
    const o = load<usize>(p, A_O) + (<usize>(pair * t) * <usize>dv << 2);
    const lse = load<usize>(p, A_LSE) + (<usize>(pair * t) << 2);
    const dq = load<usize>(p, X_DQ) + (<usize>(pair * t) * <usize>d << 2);
    const dk = load<usize>(p, X_DK) + (<usize>(pair * s) * <usize>d << 2);
    const dvOut = load<usize>(p, X_DV) + (<usize>(pair * s) * <usize>dv << 2);
    memory.fill(dq, 0, <usize>(t * d) << 2);
    memory.fill(dk, 0, <usize>(s * d) << 2);
    memory.fill(dvOut, 0, <usize>(s * dv) << 2);
    for (let i = 0; i < t; i++) {
      const at = dout + (<usize>(i * rsdo) << 2);
      store<f32>(deltas + (<usize>i << 2), dotRow(at, o + (<usize>(i * dv) << 2), dv));
    }
    for (let s0 = 0; s0 < s; s0 += KEYS) {
      const n = min<i32>(KEYS, s - s0);
      packKeys(k, rsk, s0, n, d, packedK);
      packKeys(v, rsv, s0, n, dv, packedV);
      // The first query that sees key s0 is s0 − (s − t).
      const first = causal ? max<i32>(0, s0 - s + t) / queries * queries : 0;
      for (let t0 = first; t0 < t; t0 += queries) {
        const rows = min<i32>(queries, t - t0);
        // As many keys as any of these queries sees, rounded up to a whole panel.
        const keys = causal ? min<i32>(n, (t0 + rows + s - t - s0 + 7) & ~7) : n;
        const qi = q + (<usize>(t0 * rsq) << 2), doi = dout + (<usize>(t0 * rsdo) << 2);
        multiply(
          rows, keys, d, qi, rsq, 1, packedK, 32, <usize>d << 5, probabilities, ld, false, scratch + TILE,
        );
        multiply(
          rows, keys, dv, doi, rsdo, 1, packedV, 32, <usize>dv << 5, gradients, ld, false, scratch + TILE,
        );
        for (let r = 0; r < rows; r++) {
          const row = probabilities + <usize>r * ld, gradient = gradients + <usize>r * ld;
          const seen = causal ? max<i32>(0, min<i32>(keys, t0 + r + s - t - s0 + 1)) : keys;
          const maskAt = hasMask ? mask + (<usize>((t0 + r) * maskRow + s0 * maskStep) << 2) : 0;
          const count = finishScores(row, keys, seen, scale, maskAt, maskStep);
          const total = load<f32>(lse + (<usize>(t0 + r) << 2));
          if (total == -Infinity) clearRow(row, 0, keys);
          else expRow(row, row, total, count, scratch + TILE);
          scoreGradient(gradient, row, load<f32>(deltas + (<usize>(t0 + r) << 2)), scale, count);
          clearRow(gradient, count, keys);
        }
        multiply(
          keys, dv, rows, probabilities, 1, KEYS, doi, <usize>rsdo << 2, 32,
          dvOut + (<usize>(s0 * dv) << 2), <usize>dv << 2, true, scratch + TILE,
        );
        multiply(
          keys, d, rows, gradients, 1, KEYS, qi, <usize>rsq << 2, 32,
          dk + (<usize>(s0 * d) << 2), <usize>d << 2, true, scratch + TILE,
        );
        multiply(
          rows, d, keys, gradients, KEYS, 1, k + (<usize>(s0 * rsk) << 2), <usize>rsk << 2, 32,
          dq + (<usize>(t0 * d) << 2), <usize>d << 2, true, scratch + TILE,
        );
      }
    }
  }
}

/** g = p · (g − delta) · scale; both rows are padded. */
// @ts-ignore: decorator
@inline
function scoreGradient(g: usize, p: usize, delta: f32, scale: f32, n: i32): void {
  const dv = f32x4.splat(delta), sv = f32x4.splat(scale);
  for (let i = 0; i < n; i += 4, g += 16, p += 16) {
    v128.store(g, f32x4.mul(f32x4.mul(v128.load(p), f32x4.sub(v128.load(g), dv)), sv));
  }
}
