// Real numbers as balls: a mantissa of BigInt times a power of two, and a bound of the error that is
// carried along (as in Arb, https://arblib.org). Two balls that do not touch are certainly different; two
// that touch at a hundred digits are taken as equal. Doubles could say neither.

import { bitLength, type Rational } from "./rational.ts";

export interface Real {
  readonly m: bigint;
  /** The middle is m · 2^e. */
  readonly e: number;
  /** The true value is at most 2^error away; -Infinity where the ball is exact. */
  readonly error: number;
}

export const realZero: Real = { m: 0n, e: 0, error: -Infinity };

/** log2(2^a + 2^b). */
export function logSum(a: number, b: number): number {
  if (a === -Infinity) return b;
  if (b === -Infinity) return a;
  const high = Math.max(a, b);
  const gap = Math.abs(a - b);
  return gap > 60 ? high + 1e-9 : high + Math.log2(1 + 2 ** -gap);
}

/** Rounds to so many bits and keeps the error bound true. */
export function real(m: bigint, e: number, error: number, bits: number): Real {
  const excess = bitLength(m) - bits;
  if (excess <= 8) return { m, e, error };
  return { m: m >> BigInt(excess), e: e + excess, error: logSum(error, e + excess) };
}

export function fromRational({ n, d }: Rational, bits: number): Real {
  if (d === 1n) return real(n, 0, -Infinity, bits);
  const shift = Math.max(0, bits + bitLength(d) - bitLength(n) + 2);
  const m = (n << BigInt(shift)) / d;
  return real(m, -shift, -shift, bits);
}

/** log2 of the largest magnitude in the ball, about. */
export function logMagnitude(a: Real): number {
  const middle = a.m === 0n ? -Infinity : bitLength(a.m) + a.e;
  return logSum(middle, a.error);
}

/** log2 of the smallest magnitude in the ball, from below; -Infinity if it may be zero. */
export function logDistanceFromZero(a: Real): number {
  if (a.m === 0n) return -Infinity;
  const middle = bitLength(a.m) + a.e - 2;
  return middle > a.error + 1 ? middle - 1 : -Infinity;
}

/** -1 or 1 where the whole ball has that sign, 0 where zero is in it. */
export function sign(a: Real): -1 | 0 | 1 {
  if (logDistanceFromZero(a) === -Infinity) return 0;
  return a.m < 0n ? -1 : 1;
}

export function negate(a: Real): Real {
  return { m: -a.m, e: a.e, error: a.error };
}

export function add(a: Real, b: Real, bits: number): Real {
  if (a.m === 0n) return { ...b, error: logSum(a.error, b.error) };
  if (b.m === 0n) return { ...a, error: logSum(a.error, b.error) };
  const error = logSum(a.error, b.error);
  const [low, high] = a.e < b.e ? [a, b] : [b, a];
  const shift = high.e - low.e;
  // What lies far below the last bit of the larger one only widens the ball.
  if (shift > 4 * bits + bitLength(low.m)) {
    return { ...high, error: logSum(error, bitLength(low.m) + low.e) };
  }
  return real((high.m << BigInt(shift)) + low.m, low.e, error, bits);
}

export function subtract(a: Real, b: Real, bits: number): Real {
  return add(a, negate(b), bits);
}

export function multiply(a: Real, b: Real, bits: number): Real {
  const error =
    a.error === -Infinity && b.error === -Infinity
      ? -Infinity
      : logSum(logMagnitude(a) + b.error, logMagnitude(b) + a.error);
  return real(a.m * b.m, a.e + b.e, error, bits);
}

/** a / b; undefined where b may be zero. */
export function divide(a: Real, b: Real, bits: number): Real | undefined {
  const least = logDistanceFromZero(b);
  if (least === -Infinity) return undefined;
  const shift = Math.max(0, bits + bitLength(b.m) - bitLength(a.m) + 2);
  const m = (a.m << BigInt(shift)) / b.m;
  const e = a.e - b.e - shift;
  const carried = logSum(a.error - least, logMagnitude(a) + b.error - 2 * least);
  return real(m, e, logSum(carried, e), bits);
}

/** The largest whole number whose square is not above n. */
export function integerRoot(n: bigint): bigint {
  if (n < 2n) return n < 0n ? 0n : n;
  let root = 1n << BigInt((bitLength(n) + 2) >> 1);
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** The root of a ball that is not negative. A ball around zero gives one around zero. */
export function squareRoot(a: Real, bits: number): Real {
  const least = logDistanceFromZero(a);
  if (least === -Infinity) return { m: 0n, e: 0, error: logMagnitude(a) / 2 };
  let shift = Math.max(0, 2 * bits - bitLength(a.m));
  if ((a.e - shift) % 2 !== 0) shift++;
  const m = integerRoot(a.m << BigInt(shift));
  const e = (a.e - shift) / 2;
  return real(m, e, logSum(a.error - least / 2, e), bits);
}

/** The nearest double. */
export function toNumber(a: Real): number {
  const excess = Math.max(0, bitLength(a.m) - 1000);
  return Number(a.m >> BigInt(excess)) * 2 ** (a.e + excess);
}

/** The nearest whole number to the middle. */
export function nearestWhole(a: Real): bigint {
  if (a.e >= 0) return a.m << BigInt(a.e);
  const shift = BigInt(-a.e);
  return (a.m + (1n << (shift - 1n))) >> shift;
}
