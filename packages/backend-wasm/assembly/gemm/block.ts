// Blocks of a matrix product, for gemm.ts and for the fused kernels that multiply inside (attention,
// grouped products). C[m, n] = or += A[m, k] · B[k, n]; strides in elements of f32, addresses in bytes.

import {
  packed4x8, packed4x8Add, packed6x16, packed6x16Add, packed6x8, packed6x8Add, strided1x32, strided1x32Add, strided1x8, strided1x8Add,
  strided2x16, strided2x16Add, strided2x8, strided2x8Add, strided3x8, strided3x8Add, strided4x8,
  strided4x8Add, strided5x8, strided5x8Add, strided6x8, strided6x8Add,
} from "../generated/tiles";
import { MR, panelRows, tileRows } from "./pack";

/** Adds or copies the valid corner of a 6 × 8 (or smaller) tile. */
function storeEdge(tile: usize, c: usize, ldc: usize, m: i32, n: i32, accumulate: bool): void {
  for (let i = 0; i < m; i++, tile += 32, c += ldc) {
    for (let j: usize = 0; j < <usize>n << 2; j += 4) {
      const x = load<f32>(tile + j);
      store<f32>(c + j, accumulate ? load<f32>(c + j) + x : x);
    }
  }
}

/** The valid corner of a tile of C. */
function loadEdge(tile: usize, c: usize, ldc: usize, m: i32, n: i32): void {
  for (let i = 0; i < m; i++, tile += 32, c += ldc) {
    for (let j: usize = 0; j < <usize>n << 2; j += 4) store<f32>(tile + j, load<f32>(c + j));
  }
}

/** One panel of packed A, which holds m rows, against 8 columns of B. `tile` is room for 48 floats. */
// @ts-ignore: decorator
@inline
export function packedTile(
  k: i32, a: usize, b: usize, ldb: usize, c: usize, ldc: usize, m: i32, n: i32, accumulate: bool, tile: usize,
): void {
  const mr = panelRows(m);
  if (m == mr && n == 8) {
    if (mr == 6) {
      if (accumulate) packed6x8Add(k, a, b, ldb, c, ldc);
      else packed6x8(k, a, b, ldb, c, ldc);
    } else if (accumulate) packed4x8Add(k, a, b, ldb, c, ldc);
    else packed4x8(k, a, b, ldb, c, ldc);
  } else {
    // What C holds goes into the registers first, as in a full tile: the sum has one order whatever the tile's height.
    if (accumulate) {
      loadEdge(tile, c, ldc, m, n);
      if (mr == 6) packed6x8Add(k, a, b, ldb, tile, 32);
      else packed4x8Add(k, a, b, ldb, tile, 32);
    } else if (mr == 6) packed6x8(k, a, b, ldb, tile, 32);
    else packed4x8(k, a, b, ldb, tile, 32);
    storeEdge(tile, c, ldc, m, n, false);
  }
}

function setRows(
  m: i32, k: i32, a: usize, rsa: usize, csa: usize, b: usize, ldb: usize, c: usize, ldc: usize,
): void {
  switch (m) {
    case 1: strided1x8(k, a, rsa, csa, b, ldb, c, ldc); break;
    case 2: strided2x8(k, a, rsa, csa, b, ldb, c, ldc); break;
    case 3: strided3x8(k, a, rsa, csa, b, ldb, c, ldc); break;
    case 4: strided4x8(k, a, rsa, csa, b, ldb, c, ldc); break;
    default:
      if (MR < 6) break; // more rows than MR never come
      if (m == 5) strided5x8(k, a, rsa, csa, b, ldb, c, ldc);
      else strided6x8(k, a, rsa, csa, b, ldb, c, ldc);
  }
}

function addRows(
  m: i32, k: i32, a: usize, rsa: usize, csa: usize, b: usize, ldb: usize, c: usize, ldc: usize,
): void {
  switch (m) {
    case 1: strided1x8Add(k, a, rsa, csa, b, ldb, c, ldc); break;
    case 2: strided2x8Add(k, a, rsa, csa, b, ldb, c, ldc); break;
    case 3: strided3x8Add(k, a, rsa, csa, b, ldb, c, ldc); break;
    case 4: strided4x8Add(k, a, rsa, csa, b, ldb, c, ldc); break;
    default:
      if (MR < 6) break; // more rows than MR never come
      if (m == 5) strided5x8Add(k, a, rsa, csa, b, ldb, c, ldc);
      else strided6x8Add(k, a, rsa, csa, b, ldb, c, ldc);
  }
}

/** One panel of packed A against two of B. */
// @ts-ignore: decorator
@inline
export function wideTile(
  k: i32, a: usize, b: usize, panel: usize, c: usize, ldc: usize, m: i32, accumulate: bool, tile: usize,
): void {
  if (m < 6) {
    packedTile(k, a, b, 32, c, ldc, m, 8, accumulate, tile);
    packedTile(k, a, b + panel, 32, c + 32, ldc, m, 8, accumulate, tile);
  } else if (accumulate) packed6x16Add(k, a, panel, b, 32, c, ldc);
  else packed6x16(k, a, panel, b, 32, c, ldc);
}

/**
 * A read in place with any strides, B in rows of contiguous floats `ldb` bytes apart (`panel` = bytes
 * from one group of 8 columns to the next: 32 for a plain matrix, k·32 for packed panels).
 */
export function multiply(
  m: i32, n: i32, k: i32, a: usize, rsa: i32, csa: i32, b: usize, ldb: usize, panel: usize,
  c: usize, ldc: usize, accumulate: bool, tile: usize,
): void {
  const row = <usize>rsa << 2, column = <usize>csa << 2;
  let j = 0;
  if (panel == 32 && m <= 2) {
    const wide = m == 1 ? 32 : 16;
    for (; j + wide <= n; j += wide) {
      const bj = b + (<usize>j << 2), cj = c + (<usize>j << 2);
      if (m == 1) {
        if (accumulate) strided1x32Add(k, a, row, column, bj, ldb, cj, ldc);
        else strided1x32(k, a, row, column, bj, ldb, cj, ldc);
      } else if (accumulate) strided2x16Add(k, a, row, column, bj, ldb, cj, ldc);
      else strided2x16(k, a, row, column, bj, ldb, cj, ldc);
    }
  }
  for (; j < n; j += 8) {
    const bj = b + <usize>(j >> 3) * panel;
    const width = n - j;
    for (let i = 0, rows = 0; i < m; i += rows) {
      rows = tileRows(m - i, MR);
      const ai = a + <usize>i * row;
      const cij = c + <usize>i * ldc + (<usize>j << 2);
      if (width >= 8) {
        if (accumulate) addRows(rows, k, ai, row, column, bj, ldb, cij, ldc);
        else setRows(rows, k, ai, row, column, bj, ldb, cij, ldc);
      } else {
        setRows(rows, k, ai, row, column, bj, ldb, tile, 32);
        storeEdge(tile, cij, ldc, rows, width, accumulate);
      }
    }
  }
}
