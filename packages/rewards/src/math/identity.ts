// Whether two expressions are the same: both are evaluated at random points, to a hundred digits' worth of
// error bound. Points that differ prove that they differ; points that agree, at several places, are taken
// as proof that they agree. The points depend on nothing but the names of the variables.

import { contains, symbolsOf, type Node } from "./ast.ts";
import { BudgetError, type Budget } from "./budget.ts";
import { subtract } from "./complex.ts";
import { evaluate, hash } from "./evaluate.ts";
import { equal, fraction, whole, type Rational } from "./rational.ts";
import { logDistanceFromZero, logMagnitude } from "./real.ts";
import {
  isExact,
  isMatrix,
  toComplex,
  UndefinedValueError,
  type Point,
  type Scalar,
  type Value,
} from "./value.ts";

const mostBits = 3000;
const wantedPoints = 4;
const triedPoints = 14;

/** How variables are chosen: real numbers, or whole ones for factorials and sums. */
type Kind = "real" | "whole";

export interface IdentityOptions {
  readonly budget: Budget;
  readonly seed: number;
}

/** Same for every spelling of the name. */
function coordinate(name: string, at: number, kind: Kind, seed: number): Rational {
  if (kind === "whole") {
    // Steps of 1, 3, 5 or 7 modulo 11: even and odd numbers, none twice.
    const start = hash(`${seed}:${name}`);
    return whole(2 + ((start + at * (1 + 2 * (start % 4))) % 11));
  }
  const state = hash(`${seed}:${at}:${name}`);
  // From 1/8 to 1, to 4, to 20, and their negatives; small ones for arc sines, negative ones for roots.
  const reach = [4, 1, 4, 1, 20, 4, 1][at % 7]!;
  const sign = [1, 1, -1, -1, 1, 1, -1][at % 7]!;
  return fraction(BigInt(sign * reach * (1000 + (state % 7000))), 8009n)!;
}

function pointAt(
  at: number,
  kind: Kind,
  bits: number,
  naturalLog: boolean,
  options: IdentityOptions,
): Point {
  const { budget, seed } = options;
  const known = new Map<string, Rational>();
  const valueOf = (name: string): Rational => {
    let value = known.get(name);
    if (!value) known.set(name, (value = coordinate(name, at, kind, seed)));
    return value;
  };
  return {
    valueOf,
    bits,
    naturalLog,
    budget,
    leftReals: false,
    fractionBits: at > 0 ? 3000 : 8000,
    largestBits: 0,
  };
}

/** The value of an expression without variables; undefined where it has none. */
export function constantValue(
  node: Node,
  options: IdentityOptions,
  bits: number = 128,
): Value | undefined {
  return attempt(() => evaluate(node, pointAt(0, "real", bits, false, options)));
}

function attempt<T>(compute: () => T): T | undefined {
  try {
    return compute();
  } catch (error) {
    if (error instanceof UndefinedValueError) return undefined;
    throw error;
  }
}

/** Whether two numbers differ; undefined where their balls are too wide to say. */
export function differ(a: Scalar, b: Scalar, bits: number): boolean | undefined {
  if (isExact(a) && isExact(b)) return !equal(a, b);
  const [left, right] = [toComplex(a, bits), toComplex(b, bits)];
  const { re, im } = subtract(left, right, bits);
  const apart = Math.max(logDistanceFromZero(re), logDistanceFromZero(im));
  if (apart > -Infinity) return true;
  const size = Math.max(...[left, right].flatMap((c) => [logMagnitude(c.re), logMagnitude(c.im)]));
  const error = Math.max(re.error, im.error);
  const isNarrow = error < size - 60 || error < 40 - bits;
  return isNarrow ? false : undefined;
}

function valuesDiffer(a: Value, b: Value, bits: number): boolean | undefined {
  if (!isMatrix(a) && !isMatrix(b)) return differ(a, b, bits);
  if (!isMatrix(a) || !isMatrix(b)) return true;
  if (a.length !== b.length || a[0]?.length !== b[0]?.length) return true;
  let unsure = false;
  for (const [y, row] of a.entries()) {
    for (const [x, cell] of row.entries()) {
      const different = differ(cell, b[y]![x]!, bits);
      if (different) return true;
      unsure ||= different === undefined;
    }
  }
  return unsure ? undefined : false;
}

type Comparison = "same" | "different" | "outside" | "unknown";

interface Test {
  readonly kind: Kind;
  readonly naturalLog: boolean;
  readonly complex: boolean;
}

function compareAt(a: Node, b: Node, at: number, test: Test, options: IdentityOptions): Comparison {
  for (let bits = 128; ;) {
    const point = pointAt(at, test.kind, bits, test.naturalLog, options);
    const left = attempt(() => evaluate(a, point));
    const right = left && attempt(() => evaluate(b, point));
    if (left === undefined || right === undefined) return "outside";
    if (point.leftReals && !test.complex) return "outside";
    const different = valuesDiffer(left, right, bits);
    if (different) return "different";
    // One variable more or less would have told.
    const isProven = at > 0 || (isRational(left) && isRational(right));
    if (different === false && isProven) return "same";
    // Constants are looked at again, as closely as their longest numbers may differ.
    const needed = at > 0 ? 384 : 384 + 2 * Math.ceil(point.largestBits);
    if (bits >= Math.min(needed, mostBits)) {
      return different === false && bits >= needed ? "same" : "unknown";
    }
    bits = Math.min(needed, mostBits);
  }
}

function isRational(value: Value): boolean {
  return !isMatrix(value) && isExact(value);
}

function testPoints(a: Node, b: Node, test: Test, options: IdentityOptions): Comparison {
  let agreed = 0;
  const wanted = test.kind === "whole" ? 6 : wantedPoints;
  for (let at = 1; at <= triedPoints && agreed < wanted; at++) {
    const result = compareAt(a, b, at, test, options);
    if (result === "different") return result;
    if (result === "same") agreed++;
  }
  return agreed >= 2 ? "same" : "outside";
}

/** Whether two expressions have the same value wherever both have one. */
export function sameValue(a: Node, b: Node, options: IdentityOptions): boolean {
  if (sameTree(a, b)) return true;
  if (isAmbiguousLog(a) || isAmbiguousLog(b)) {
    return sameWith(a, b, false, options) || sameWith(a, b, true, options);
  }
  return sameWith(a, b, false, options);
}

/** log without a base means base 10 to some and e to others. */
function isAmbiguousLog(node: Node): boolean {
  return contains(
    node,
    (part) => part.kind === "call" && part.name === "log" && part.args.length === 1,
  );
}

function sameWith(a: Node, b: Node, naturalLog: boolean, options: IdentityOptions): boolean {
  const variables = symbolsOf(b, symbolsOf(a));
  if (variables.size === 0) {
    const result = compareAt(a, b, 0, { kind: "real", naturalLog, complex: true }, options);
    if (result === "unknown") throw new BudgetError("the numbers cannot be told apart");
    return result === "same";
  }
  const complex = isComplex(a) || isComplex(b);
  const tests: Test[] = [
    { kind: "real", naturalLog, complex },
    { kind: "whole", naturalLog, complex },
    { kind: "real", naturalLog, complex: true },
  ];
  // Factorials and sums have values at whole numbers only.
  if (isCounting(a) || isCounting(b)) tests.shift();
  for (const test of tests) {
    const result = testPoints(a, b, test, options);
    if (result === "outside") continue;
    // ⌊x/2⌋ + 1 is ⌈x/2⌉ but at whole numbers.
    const isStep = test.kind === "real" && (isStepwise(a) || isStepwise(b));
    return result === "same" && !(isStep && testPoints(a, b, tests[1]!, options) === "different");
  }
  return false;
}

function isStepwise(node: Node): boolean {
  return contains(node, (part) => part.kind === "call" && /^(?:floor|ceil)$/.test(part.name));
}

function isCounting(node: Node): boolean {
  return contains(
    node,
    (part) =>
      part.kind === "fold" || (part.kind === "call" && /^(?:factorial|binomial)/.test(part.name)),
  );
}

function isComplex(node: Node): boolean {
  return contains(node, (part) => part.kind === "constant" && part.name === "i");
}

/** Equal to the letter. */
export function sameTree(a: Node, b: Node): boolean {
  return samePart(a, b);
}

function samePart(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [left, right] = [a, b] as [Record<string, unknown>, Record<string, unknown>];
  if (left["kind"] !== right["kind"] || left["length"] !== right["length"]) return false;
  for (const key in left) if (!samePart(left[key], right[key])) return false;
  return true;
}
