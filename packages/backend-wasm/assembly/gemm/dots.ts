// A few rows times a transposed matrix: everything is contiguous along k, so nothing is packed. The matrix
// passes once, four of its rows at a time stay in L1 while all of A's rows meet them.
//
// Two rows of A at a time: three would need every register there is, and V8 then spills.

import { dot1x1, dot1x4, dot2x1, dot2x4 } from "../generated/tiles";

/** m rows of A, `rsa` bytes apart, times four columns of B, `rsb` bytes apart. */
export function dotFour(m: i32, k: i32, a: usize, rsa: usize, b: usize, rsb: usize, c: usize, ldc: usize): void {
  for (; m >= 2; m -= 2, a += rsa << 1, c += ldc << 1) dot2x4(k, a, rsa, b, rsb, c, ldc);
  if (m) dot1x4(k, a, rsa, b, rsb, c, ldc);
}

/** Times one column. */
export function dotOne(m: i32, k: i32, a: usize, rsa: usize, b: usize, rsb: usize, c: usize, ldc: usize): void {
  for (; m >= 2; m -= 2, a += rsa << 1, c += ldc << 1) dot2x1(k, a, rsa, b, rsb, c, ldc);
  if (m) dot1x1(k, a, rsa, b, rsb, c, ldc);
}
