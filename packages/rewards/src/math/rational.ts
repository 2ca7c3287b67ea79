// Exact fractions of BigInt: whole numbers, decimals and fractions are compared without any rounding, so
// 2^-99 is not 2^-98.

import type { Budget } from "./budget.ts";

export interface Rational {
  readonly n: bigint;
  /** Positive, and prime to n. */
  readonly d: bigint;
}

export const zero: Rational = { n: 0n, d: 1n };
export const one: Rational = { n: 1n, d: 1n };

export function whole(n: bigint | number): Rational {
  return { n: BigInt(n), d: 1n };
}

/** n/d in lowest terms; undefined if d is 0. */
export function fraction(n: bigint, d: bigint): Rational | undefined {
  if (d === 0n) return undefined;
  if (d === 1n) return { n, d };
  const divisor = gcd(n, d);
  const sign = d < 0n ? -1n : 1n;
  return { n: (sign * n) / divisor, d: (sign * d) / divisor };
}

export function gcd(a: bigint, b: bigint): bigint {
  a = a < 0n ? -a : a;
  b = b < 0n ? -b : b;
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

export function negative(a: Rational): Rational {
  return { n: -a.n, d: a.d };
}

export function sum(a: Rational, b: Rational): Rational {
  if (a.d === 1n && b.d === 1n) return { n: a.n + b.n, d: 1n };
  return fraction(a.n * b.d + b.n * a.d, a.d * b.d)!;
}

export function product(a: Rational, b: Rational): Rational {
  if (a.d === 1n && b.d === 1n) return { n: a.n * b.n, d: 1n };
  return fraction(a.n * b.n, a.d * b.d)!;
}

export function quotient(a: Rational, b: Rational): Rational | undefined {
  return b.n === 0n ? undefined : fraction(a.n * b.d, a.d * b.n);
}

/** a to a whole power; undefined for 0 to a negative one. */
export function power(a: Rational, exponent: bigint): Rational | undefined {
  if (exponent >= 0n) return { n: a.n ** exponent, d: a.d ** exponent };
  if (a.n === 0n) return undefined;
  const [n, d] = [a.d ** -exponent, a.n ** -exponent];
  return d < 0n ? { n: -n, d: -d } : { n, d };
}

export function equal(a: Rational, b: Rational): boolean {
  return a.n === b.n && a.d === b.d;
}

/** Negative, zero or positive as a is below, at or above b. */
export function compare(a: Rational, b: Rational): number {
  const difference = a.n * b.d - b.n * a.d;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function magnitude(a: Rational): Rational {
  return a.n < 0n ? negative(a) : a;
}

/** The largest whole number not above a. */
export function floor(a: Rational): bigint {
  const towardsZero = a.n / a.d;
  return a.n < 0n && towardsZero * a.d !== a.n ? towardsZero - 1n : towardsZero;
}

/** The number of bits of a whole number, at most one off. */
export function bitLength(n: bigint): number {
  const approximate = Math.abs(Number(n));
  if (approximate === 0) return 0;
  if (approximate < 1e300) return Math.floor(Math.log2(approximate)) + 1;
  // Halve the length until a double can hold what is left.
  let shift = 512;
  while (n >> BigInt(2 * shift) !== 0n && n >> BigInt(2 * shift) !== -1n) shift *= 2;
  return shift + bitLength(n >> BigInt(shift));
}

export function sizeInBits(a: Rational): number {
  return bitLength(a.n) + bitLength(a.d);
}

/** The value of a decimal such as 12.5: whole digits, digits after the point. */
export function decimal(integer: string, decimals: string): Rational {
  return fraction(BigInt(integer + decimals || "0"), 10n ** BigInt(decimals.length))!;
}

/** n choose k for whole n and k ≥ 0, paid for step by step. */
export function choose(n: bigint, k: bigint, budget: Budget): bigint {
  if (k < 0n || (n >= 0n && k > n)) return 0n;
  if (n >= 0n && n - k < k) k = n - k;
  let result = 1n;
  const growth = Math.log2(Math.abs(Number(n)) + 1);
  for (let j = 0n; j < k; j++) {
    // The logarithm of n^j / j!, about.
    const size = Number(j);
    budget.spendBits(size * growth - size * Math.log2(size / Math.E + 1));
    result = (result * (n - j)) / (j + 1n);
  }
  return result;
}

/** first · (first + step) · … down to a factor that is not positive: n!, n!!. */
export function fallingProduct(first: bigint, step: bigint, budget: Budget): bigint {
  let result = 1n;
  let bits = 0;
  for (let factor = first; factor > 1n; factor -= step) {
    budget.spendBits((bits += Math.log2(Number(factor))));
    result *= factor;
  }
  return result;
}
