// matmul: C[batch, M, N] = A[batch, M, K] · B[batch, K, N], f32 (f16 and bf16 widen while packing).
//
// gemmPackB copies B once into panels of 8 columns, in blocks of KC rows. gemm then takes tiles of
// (batch, rows, columns): it packs its rows of A into its scratch and runs the micro-kernel. Small and
// skinny products skip either packing (flags), and dots serve up to 64 rows against a transposed B, the
// layout of a linear layer's weight. A B of fewer bits is made f32 on the way (decode.ts): eight columns at a time
// while packing, four rows at a time before dots.
//
// Each element of C is summed over k in ascending order inside blocks of KC, so its bits depend on
// nothing but K. Bytes: A once per column tile, B once to pack and once per row tile, C once per block
// of KC. Tolerance: 2·K·2^-24 relative to |A|·|B|.

import { multiply, packedTile, wideTile } from "./block";
import { decodeRun, isQuantized } from "./decode";
import { dotFour, dotOne } from "./dots";
import { KIND_WORD } from "../vm/layout";
import { NR, packA, packB, panelRows, tileRows } from "./pack";

const G_M: usize = 0;
const G_N: usize = 4;
const G_K: usize = 8;
const G_A: usize = 12; // address, row stride, column stride, kind
const G_B: usize = 28; // address, row stride, column stride, kind
const G_C: usize = 44; // address of a contiguous [batch, M, N]
const G_ROWS: usize = 48; // of C in a tile
const G_COLUMNS: usize = 52; // of C in a tile
const G_DEPTH: usize = 56; // KC
const G_MODE: usize = 60; // 0 both packed, 1 B in place, 2 dots, 3 only B packed, 4 both, wide tiles
const G_PANELS: usize = 64; // address of packed B
const G_PANEL_FLOATS: usize = 68; // of one matrix of packed B
const G_ACCUMULATE: usize = 72; // add to C
const G_RANK: usize = 76; // batch axes
const G_LDC: usize = 80; // bytes
const G_SLICE: usize = 84; // elements of C per batch
const G_OFFSET_B: usize = 88; // elements from B's address to its first
// 92..108: scales of a quantised B, see decode.ts
const G_TILE: usize = 112; // rows of the packed micro-kernel, 6 or 4; wide tiles have 6
const G_BATCH: usize = 116; // per axis: size, stride of A, of B, of packed B (in matrices)

const PANELS_PER_TILE: i32 = 8;

/** The offset of batch number `index` in A (which = 1), B (2) or the packed matrices (3). */
function batchOffset(p: usize, index: i32, which: usize): i32 {
  let offset = 0;
  for (let axis = load<i32>(p, G_RANK) - 1; axis >= 0; axis--) {
    const at = p + G_BATCH + (<usize>axis << 4);
    const size = load<i32>(at);
    const next = index / size;
    offset += (index - next * size) * load<i32>(at + (which << 2));
    index = next;
  }
  return offset;
}

/** Tiles: (matrix of B, block of KC rows, group of panels). Here the batch axes are B's own. */
export function gemmPackB(p: usize, begin: i32, end: i32, scratch: usize): void {
  const n = load<i32>(p, G_N), k = load<i32>(p, G_K), depth = load<i32>(p, G_DEPTH);
  const base = load<usize>(p, G_B), kind = load<i32>(p, G_B + 12);
  const rs = load<i32>(p, G_B + 4), cs = load<i32>(p, G_B + 8);
  const panels = (n + NR - 1) / NR;
  const groups = (panels + PANELS_PER_TILE - 1) / PANELS_PER_TILE;
  const blocks = (k + depth - 1) / depth;
  for (let tile = begin; tile < end; tile++) {
    const matrix = tile / (groups * blocks);
    const rest = tile - matrix * groups * blocks;
    const block = rest / groups;
    const first = (rest - block * groups) * PANELS_PER_TILE;
    const k0 = block * depth;
    const kc = min<i32>(depth, k - k0);
    const offset = batchOffset(p, matrix, 2) + load<i32>(p, G_OFFSET_B) + k0 * rs;
    const start = load<usize>(p, G_PANELS) +
      (<usize>matrix * load<usize>(p, G_PANEL_FLOATS) + <usize>k0 * <usize>panels * NR << 2);
    for (let i = first; i < min<i32>(first + PANELS_PER_TILE, panels); i++) {
      const to = start + (<usize>i * <usize>kc << 5);
      const width = min<i32>(NR, n - i * NR);
      if (kind == KIND_WORD || (cs == 1 && !isQuantized(kind))) {
        packB(kind, base, offset + i * NR * cs, rs, cs, width, kc, to);
      } else if (rs == 1) {
        // Columns of B are rows in memory: eight of them as f32, then packed as such.
        const room = (kc + 7) & ~7;
        for (let j = 0; j < width; j++) {
          decodeRun(p, kind, base, offset + (i * NR + j) * cs, kc, scratch + (<usize>(j * room) << 2));
        }
        packB(KIND_WORD, scratch, 0, 1, room, width, kc, to);
      } else if (isQuantized(kind)) {
        for (let j = 0; j < kc; j++) decodeRun(p, kind, base, offset + i * NR + j * rs, NR, to + (<usize>j << 5));
      } else {
        packB(kind, base, offset + i * NR * cs, rs, cs, width, kc, to);
      }
    }
  }
}

export function gemm(p: usize, begin: i32, end: i32, scratch: usize): void {
  const m = load<i32>(p, G_M), n = load<i32>(p, G_N), k = load<i32>(p, G_K);
  const rows = load<i32>(p, G_ROWS), columns = load<i32>(p, G_COLUMNS);
  const depth = load<i32>(p, G_DEPTH), mode = load<i32>(p, G_MODE);
  const rowTiles = (m + rows - 1) / rows, columnTiles = (n + columns - 1) / columns;
  const rsa = load<i32>(p, G_A + 4), csa = load<i32>(p, G_A + 8);
  const kindA = load<i32>(p, G_A + 12);
  const rsb = load<i32>(p, G_B + 4), csb = load<i32>(p, G_B + 8);
  const offsetB = load<i32>(p, G_OFFSET_B), mr = load<i32>(p, G_TILE);
  const panels = (n + NR - 1) / NR;
  const ldc = load<usize>(p, G_LDC);
  const accumulate = load<i32>(p, G_ACCUMULATE) != 0;
  const tileRoom = scratch, packedA = scratch + 256;
  for (let tile = begin; tile < end; tile++) {
    const batch = tile / (rowTiles * columnTiles);
    const rest = tile - batch * rowTiles * columnTiles;
    const rowTile = rest / columnTiles;
    const i0 = rowTile * rows, j0 = (rest - rowTile * columnTiles) * columns;
    const mc = min<i32>(rows, m - i0), nc = min<i32>(columns, n - j0);
    const offsetA = batchOffset(p, batch, 1) + i0 * rsa;
    const a = load<usize>(p, G_A);
    const c = load<usize>(p, G_C) + (<usize>batch * load<usize>(p, G_SLICE) << 2) +
      <usize>i0 * ldc + (<usize>j0 << 2);
    if (mode == 1) {
      const b = load<usize>(p, G_B) + (<usize>(batchOffset(p, batch, 2) + offsetB + j0) << 2);
      for (let k0 = 0; k0 < k; k0 += depth) {
        multiply(
          mc, nc, min<i32>(depth, k - k0), a + (<usize>(offsetA + k0 * csa) << 2), rsa, csa,
          b + (<usize>(k0 * rsb) << 2), <usize>rsb << 2, 32, c, ldc, accumulate || k0 > 0, tileRoom,
        );
      }
      continue;
    }
    if (mode == 2) {
      const first = batchOffset(p, batch, 2) + offsetB + j0 * csb;
      dots(p, mc, nc, k, a + (<usize>offsetA << 2), <usize>rsa << 2, first, csb, c, ldc, scratch);
      continue;
    }
    const matrix = load<usize>(p, G_PANELS) +
      (<usize>batchOffset(p, batch, 3) * load<usize>(p, G_PANEL_FLOATS) << 2);
    for (let k0 = 0; k0 < k; k0 += depth) {
      const kc = min<i32>(depth, k - k0);
      const add = accumulate || k0 > 0;
      const panel = <usize>kc << 5;
      const b = matrix + (<usize>k0 * <usize>panels << 5) + <usize>(j0 / NR) * panel;
      if (mode == 3) {
        const from = a + (<usize>(offsetA + k0 * csa) << 2);
        multiply(mc, nc, kc, from, rsa, csa, b, 32, panel, c, ldc, add, tileRoom);
        continue;
      }
      let to = packedA;
      for (let i = 0, height = 0; i < mc; i += height, to += panelBytes(kc, height)) {
        height = tileRows(mc - i, mr);
        packA(kindA, a, offsetA + i * rsa + k0 * csa, rsa, csa, height, panelRows(height), kc, to);
      }
      let j = 0;
      if (mode == 4) {
        for (; j + 16 <= nc; j += 16) {
          const bj = b + <usize>(j / NR) * panel;
          let ai = packedA, ci = c + (<usize>j << 2);
          for (let i = 0, height = 0; i < mc; i += height) {
            height = tileRows(mc - i, mr);
            wideTile(kc, ai, bj, panel, ci, ldc, height, add, tileRoom);
            ai += panelBytes(kc, height);
            ci += ldc * <usize>height;
          }
        }
      }
      for (; j < nc; j += NR) {
        const bj = b + <usize>(j / NR) * panel;
        let ai = packedA, ci = c + (<usize>j << 2);
        for (let i = 0, height = 0; i < mc; i += height) {
          height = tileRows(mc - i, mr);
          packedTile(kc, ai, bj, 32, ci, ldc, height, min<i32>(NR, nc - j), add, tileRoom);
          ai += panelBytes(kc, height);
          ci += ldc * <usize>height;
        }
      }
    }
  }
}

/** Bytes of a panel that holds so many rows of A. */
// @ts-ignore: decorator
@inline
function panelBytes(k: i32, rows: i32): usize {
  return <usize>(k * panelRows(rows)) << 2;
}

/**
 * A's rows and B's columns both contiguous along k; column j of B starts at element first + j·step. Four
 * columns serve all rows before the next four, so that B passes once and the four stay in L1.
 */
function dots(
  p: usize, m: i32, n: i32, k: i32, a: usize, rsa: usize, first: i32, step: i32, c: usize, ldc: usize,
  scratch: usize,
): void {
  const base = load<usize>(p, G_B), kind = load<i32>(p, G_B + 12);
  const room = <usize>((k + 7) & ~7) << 2;
  for (let j = 0; j < n; j += 4, c += 16) {
    const width = min<i32>(4, n - j);
    let b = base + (<usize>(first + j * step) << 2), rsb = <usize>step << 2;
    if (kind != KIND_WORD) {
      b = scratch;
      rsb = room;
      for (let i = 0; i < width; i++) decodeRun(p, kind, base, first + (j + i) * step, k, b + <usize>i * room);
    }
    if (width == 4) dotFour(m, k, a, rsa, b, rsb, c, ldc);
    else for (let i = 0; i < width; i++) dotOne(m, k, a, rsa, b + <usize>i * rsb, rsb, c + (<usize>i << 2), ldc);
  }
}
