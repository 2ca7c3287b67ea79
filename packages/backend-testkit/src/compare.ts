// How results are compared with the oracle's, and what a failure says.

import type { DType } from "@sixtyone/tensor";

/** Half a unit in the last place of storage types, as a relative error; rounding twice can cost two. */
const storageError: { readonly [D in DType]: number } = {
  f32: 2 ** -23,
  f16: 2 ** -10,
  bf16: 2 ** -7,
  i32: 0,
  u32: 0,
  bool: 0,
};

export interface Mismatch {
  readonly index: number;
  readonly got: number;
  readonly want: number;
  readonly error: number;
}

/**
 * The worst element outside the tolerance, or undefined. The error is relative to the larger of 1 and
 * the value, floats only: integers and bool must be equal. NaN matches NaN, an infinity itself.
 */
export function findMismatch(
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  tolerance: number,
  dtype: DType,
): Mismatch | undefined {
  if (got.length !== want.length) {
    return { index: -1, got: got.length, want: want.length, error: Infinity };
  }
  const exact = dtype === "i32" || dtype === "u32" || dtype === "bool";
  const allowed = exact ? 0 : Math.max(tolerance, storageError[dtype]);
  let worst: Mismatch | undefined;
  for (let index = 0; index < got.length; index++) {
    const [a, b] = [got[index]!, want[index]!];
    const error = relativeError(a, b);
    if (error > allowed && error > (worst?.error ?? 0)) worst = { index, got: a, want: b, error };
  }
  return worst;
}

export function relativeError(got: number, want: number): number {
  if (got === want || (Number.isNaN(got) && Number.isNaN(want))) return 0;
  if (!Number.isFinite(got) || !Number.isFinite(want)) return Infinity;
  return Math.abs(got - want) / Math.max(1, Math.abs(want));
}

/** The distance in units of the last place of f32 at `want`, which is exact or nearly so. */
export function ulpDistance(got: number, want: number): number {
  if (got === want || (Number.isNaN(got) && Number.isNaN(want))) return 0;
  if (!Number.isFinite(got) || !Number.isFinite(want)) {
    // Beyond the largest f32 a result may round to infinity or stay at the largest.
    return Math.abs(got) >= 3.4e38 && Math.abs(want) >= 3.4e38 && got > 0 === want > 0
      ? 1
      : Infinity;
  }
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(want))));
  return Math.abs(got - want) / 2 ** (exponent - 23);
}

export function describeMismatch(mismatch: Mismatch): string {
  const { index, got, want, error } = mismatch;
  if (index < 0) return `expected ${want} elements, got ${got}`;
  return `element ${index}: got ${got}, expected ${want} (error ${error.toExponential(2)})`;
}

export function sameBits(a: ArrayBufferView, b: ArrayBufferView): boolean {
  const x = new Uint8Array(a.buffer, a.byteOffset, a.byteLength);
  const y = new Uint8Array(b.buffer, b.byteOffset, b.byteLength);
  return x.length === y.length && x.every((byte, i) => byte === y[i]);
}
