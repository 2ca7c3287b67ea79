// Whether two values are equal, and when a rounded one counts: exact numbers exactly, everything else by
// identity testing; a tolerance only where it is asked for or where the gold answer is itself rounded.

import type { Node } from "./ast.ts";
import { complexOf } from "./complex.ts";
import { isExact, isMatrix, toComplex, type Scalar } from "./value.ts";
import { constantValue, sameValue, type IdentityOptions } from "./identity.ts";
import { compare, fraction, magnitude, negative, product, sum, type Rational } from "./rational.ts";
import { multiply, negate, sign, subtract, type Real } from "./real.ts";

/**
 * When a rounded number counts as equal to an exact one: "gold" only where the gold answer is the rounded
 * one, "either" also where the answer is, "never" not at all.
 */
export type Rounding = "gold" | "either" | "never";

export interface MatchOptions extends IdentityOptions {
  readonly rounding: Rounding;
  /** The largest relative difference that counts as equal. */
  readonly relativeTolerance: number;
  /** Whether an inequality that is not solved may stand for its solutions. */
  readonly unsolved: boolean;
}

const bits = 128;

/** Whether an answer has the value of the gold answer, in the rounding that is allowed. */
export function matchValue(gold: Node, answer: Node, options: MatchOptions): boolean {
  if (sameValue(gold, answer, options)) return true;
  if (isRounded(gold, answer, options)) return true;
  return options.relativeTolerance > 0 && isWithin(gold, answer, options);
}

function isRounded(gold: Node, answer: Node, options: MatchOptions): boolean {
  if (options.rounding === "never") return false;
  const rounded = literalOf(gold);
  if (rounded && roundsTo(answer, rounded, options, isInexact(answer, options))) return true;
  const written = literalOf(answer);
  if (!written) return false;
  // So many digits are what a machine makes of the exact number.
  const isComputed = significantDigits(written) >= computedDigits && isInexact(gold, options);
  return (isComputed || options.rounding === "either") && roundsTo(gold, written, options, true);
}

interface Literal {
  readonly value: Rational;
  readonly decimals: number;
  readonly truncated: boolean;
}

/** A number written as a decimal, with its sign. */
function literalOf(node: Node): Literal | undefined {
  if (node.kind === "negate") {
    const inner = literalOf(node.value);
    return inner && { ...inner, value: negative(inner.value) };
  }
  if (node.kind === "percent") {
    const inner = literalOf(node.value);
    const value = inner && product(inner.value, { n: 1n, d: 100n });
    return inner && { ...inner, value: value!, decimals: inner.decimals + 2 };
  }
  if (node.kind !== "number" || node.decimals === undefined) return undefined;
  return { value: node.value, decimals: node.decimals, truncated: node.truncated === true };
}

/** Whether no finite decimal says it: π, 1/3. Such a gold answer must have been rounded. */
function isInexact(node: Node, options: MatchOptions): boolean {
  const value = constantValue(node, options, bits);
  if (value === undefined || isMatrix(value)) return false;
  if (!isExact(value)) return true;
  let rest = value.d;
  for (const prime of [2n, 5n]) while (rest % prime === 0n) rest /= prime;
  return rest !== 1n;
}

/** Digits that a rounded literal must show: three, or five where the other side is a finite decimal. */
const leastDigits = 3;
const digitsAgainstDecimals = 5;
/** Digits of a decimal that was computed in floating point. */
const computedDigits = 12;

/** Whether a value, rounded or cut off after as many decimals, is the literal. */
function roundsTo(
  node: Node,
  literal: Literal,
  options: MatchOptions,
  isInexactValue: boolean,
): boolean {
  const least = isInexactValue ? leastDigits : digitsAgainstDecimals;
  if (significantDigits(literal) < least && !literal.truncated) return false;
  // A decimal with no more digits than the gold is not a finer value of it.
  const written = literalOf(node);
  if (written && written.decimals <= literal.decimals) return false;
  const value = constantValue(node, options, bits);
  if (value === undefined || isMatrix(value)) return false;
  const place = fraction(1n, 10n ** BigInt(literal.decimals))!;
  const reach = literal.truncated ? place : product(place, { n: 1n, d: 2n });
  return isCloser(value, literal.value, reach);
}

function significantDigits({ value, decimals }: Literal): number {
  const digits = (magnitude(value).n * 10n ** BigInt(decimals)) / value.d;
  return digits.toString().length;
}

function isCloser(a: Scalar, b: Rational, reach: Rational): boolean {
  if (isExact(a)) return compare(magnitude(sum(a, negative(b))), reach) <= 0;
  if (sign(a.im) !== 0) return false;
  const gap = subtract(a.re, complexOf(b, bits).re, bits);
  return sign(subtract(absolute(gap), complexOf(reach, bits).re, bits)) !== 1;
}

function absolute(a: Real): Real {
  return a.m < 0n ? negate(a) : a;
}

function isWithin(gold: Node, answer: Node, options: MatchOptions): boolean {
  const [expected, found] = [gold, answer].map((node) => constantValue(node, options, bits));
  if (!expected || !found || isMatrix(expected) || isMatrix(found)) return false;
  const parts = (value: Scalar): Real[] => {
    const { re, im } = toComplex(value, bits);
    return [re, im];
  };
  const tolerance = fraction(BigInt(Math.round(options.relativeTolerance * 1e18)), 10n ** 18n)!;
  const goldParts = parts(expected);
  const size = goldParts.map(absolute).reduce((a, b) => (sign(subtract(a, b, bits)) >= 0 ? a : b));
  const answerParts = parts(found);
  const reach = multiply(size, complexOf(tolerance, bits).re, bits);
  return goldParts.every((part, at) => {
    const gap = absolute(subtract(part, answerParts[at]!, bits));
    return sign(subtract(gap, reach, bits)) !== 1;
  });
}
