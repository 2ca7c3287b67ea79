// exp, log, sine, cosine and arc tangent of balls: argument reduction and Taylor series in fixed point
// (Brent & Zimmermann, Modern Computer Arithmetic, §4).

import { BudgetError } from "./budget.ts";
import { bitLength } from "./rational.ts";
import {
  add,
  divide,
  integerRoot,
  logDistanceFromZero,
  logMagnitude,
  logSum,
  multiply,
  negate,
  real,
  realZero,
  sign,
  toNumber,
  type Real,
} from "./real.ts";

const guardBits = 40;
/** Beyond e^(2^40) no answer is meant. */
const largestExponent = 40;

/** A function of the precision, computed once for each. */
function remembered(compute: (bits: number) => bigint): (bits: number) => bigint {
  const known = new Map<number, bigint>();
  return (bits) => {
    const rounded = Math.ceil(bits / 64) * 64;
    let value = known.get(rounded);
    if (value === undefined) known.set(rounded, (value = compute(rounded)));
    return value >> BigInt(rounded - bits);
  };
}

/** atan(1/n) in fixed point. */
function arcTangentOfInverse(n: bigint, bits: number): bigint {
  let term = (1n << BigInt(bits)) / n;
  let sum = term;
  for (let k = 3n, minus = true; term !== 0n; k += 2n, minus = !minus) {
    term /= n * n;
    sum += minus ? -term / k : term / k;
  }
  return sum;
}

/** π in fixed point, by Machin's formula. */
const fixedPi = remembered((bits) => {
  const extra = bits + guardBits;
  const quarter = 4n * arcTangentOfInverse(5n, extra) - arcTangentOfInverse(239n, extra);
  return (4n * quarter) >> BigInt(guardBits);
});

/** ln 2 = 2 · artanh(1/3) in fixed point. */
const fixedLogTwo = remembered((bits) => {
  let term = (2n << BigInt(bits + guardBits)) / 3n;
  let sum = 0n;
  for (let k = 1n; term !== 0n; k += 2n) {
    sum += term / k;
    term /= 9n;
  }
  return sum >> BigInt(guardBits);
});

export function pi(bits: number): Real {
  return { m: fixedPi(bits), e: -bits, error: -bits + 2 };
}

function toFixed(a: Real, bits: number): bigint {
  const shift = a.e + bits;
  return shift >= 0 ? a.m << BigInt(shift) : a.m >> BigInt(-shift);
}

export function exp(a: Real, bits: number): Real {
  const magnitude = logMagnitude(a);
  if (magnitude > largestExponent) throw new BudgetError("an exponential beyond e^(2^40)");
  if (a.m === 0n && a.error === -Infinity) return { m: 1n, e: 0, error: -Infinity };
  const fixed = bits + guardBits;
  const wide = fixed + Math.max(0, Math.ceil(magnitude));
  const logTwo = fixedLogTwo(wide);
  const x = toFixed(a, wide);
  const k = x / logTwo;
  const halvings = 8n;
  const r = ((x - k * logTwo) >> BigInt(wide - fixed)) >> halvings;
  const unit = 1n << BigInt(fixed);
  let sum = unit;
  for (let term = unit, j = 1n; term !== 0n; j++) {
    term = ((term * r) >> BigInt(fixed)) / j;
    if (term === -1n) break;
    sum += term;
  }
  for (let j = 0n; j < halvings; j++) sum = (sum * sum) >> BigInt(fixed);
  const e = Number(k) - fixed;
  const top = bitLength(sum) + e;
  // A wide argument says nothing about its exponential.
  const error = a.error > 0 ? Infinity : top + logSum(a.error + 1, -bits - 8);
  return real(sum, e, error, bits);
}

/** [cos a, sin a]. */
export function cosSin(a: Real, bits: number): [Real, Real] {
  const magnitude = Math.max(0, Math.ceil(logMagnitude(a)));
  if (magnitude > 2000) throw new BudgetError("an angle beyond 2^2000");
  if (a.m === 0n && a.error === -Infinity) return [{ m: 1n, e: 0, error: -Infinity }, realZero];
  const fixed = bits + guardBits;
  const wide = fixed + magnitude;
  const quarterTurn = fixedPi(wide) >> 1n;
  const x = toFixed(a, wide);
  let turns = x / quarterTurn;
  if (x < 0n) turns--;
  const r = (x - turns * quarterTurn) >> BigInt(magnitude);
  const [cosine, sine] = taylorCosSin(r, fixed);
  const quadrant = Number(((turns % 4n) + 4n) % 4n);
  const error = logSum(a.error, -bits - 8);
  const ball = (m: bigint): Real => real(m, -fixed, error, bits);
  return [
    ball([cosine, -sine, -cosine, sine][quadrant]!),
    ball([sine, cosine, -sine, -cosine][quadrant]!),
  ];
}

/** By halving the angle six times: cos 2x = 2 cos² x - 1, sin 2x = 2 sin x cos x. */
function taylorCosSin(angle: bigint, fixed: number): [bigint, bigint] {
  const shift = BigInt(fixed);
  const halvings = 6;
  const r = angle >> BigInt(halvings);
  let cosine = 0n;
  let sine = 0n;
  let term = 1n << shift;
  for (let j = 0n; term !== 0n && term !== -1n;) {
    cosine += term;
    term = ((term * r) >> shift) / ++j;
    sine += term;
    term = -((term * r) >> shift) / ++j;
  }
  for (let j = 0; j < halvings; j++) {
    sine = (sine * cosine) >> (shift - 1n);
    cosine = ((cosine * cosine) >> (shift - 1n)) - (1n << shift);
  }
  return [cosine, sine];
}

/** The natural logarithm of a positive ball; undefined if it may be zero or below. */
export function log(a: Real, bits: number): Real | undefined {
  if (sign(a) !== 1) return undefined;
  const fixed = bits + guardBits;
  const length = bitLength(a.m);
  const k = length + a.e;
  let f = length <= fixed ? a.m << BigInt(fixed - length) : a.m >> BigInt(length - fixed);
  const unit = 1n << BigInt(fixed);
  const roots = 6n;
  for (let j = 0n; j < roots; j++) f = integerRoot(f << BigInt(fixed));
  const z = ((f - unit) << BigInt(fixed)) / (f + unit);
  const square = (z * z) >> BigInt(fixed);
  let series = 0n;
  for (let term = z, j = 1n; term !== 0n && term !== -1n; j += 2n) {
    series += term / j;
    term = (term * square) >> BigInt(fixed);
  }
  const wide = Math.max(0, Math.ceil(Math.log2(Math.abs(k) + 2)));
  const whole = (BigInt(k) * fixedLogTwo(fixed + wide)) >> BigInt(wide);
  const m = (series << (roots + 1n)) + whole;
  return real(m, -fixed, logSum(a.error - logDistanceFromZero(a), -bits - 16), bits);
}

/** The arc tangent, between -π/2 and π/2. */
export function arcTangent(a: Real, bits: number): Real {
  if (a.m === 0n) return a;
  if (Math.abs(toNumber(a)) > 1) {
    const inverse = divide({ m: 1n, e: 0, error: -Infinity }, a, bits);
    if (inverse === undefined) return { m: 0n, e: 0, error: 1 };
    const half = pi(bits);
    const quarterTurn = { ...half, e: half.e - 1, error: half.error - 1 };
    const turned = a.m < 0n ? negate(quarterTurn) : quarterTurn;
    return add(turned, negate(arcTangent(inverse, bits)), bits);
  }
  const fixed = bits + guardBits;
  const shift = BigInt(fixed);
  const unit = 1n << shift;
  let x = toFixed(a, fixed);
  const halvings = 5n;
  for (let j = 0n; j < halvings; j++) {
    x = (x << shift) / (unit + integerRoot((unit << shift) + x * x));
  }
  const square = (x * x) >> shift;
  let sum = 0n;
  let term = x;
  for (let j = 1n; term !== 0n && term !== -1n; j += 2n) {
    sum += term / j;
    term = -((term * square) >> shift);
  }
  return real(sum << halvings, -fixed, logSum(a.error, -bits - 16), bits);
}

/** The angle of the point (x, y), between -π and π; undefined at the origin. */
export function angle(y: Real, x: Real, bits: number): Real | undefined {
  const horizontal = sign(x);
  if (horizontal === 1) return arcTangent(divide(y, x, bits)!, bits);
  const half = pi(bits);
  if (horizontal === -1) {
    // On the negative axis the principal angle is π, whatever the last bits of y say.
    const tangent = divide(y, x, bits)!;
    const below = sign(y) === -1;
    return add(arcTangent(tangent, bits), below ? negate(half) : half, bits);
  }
  const vertical = sign(y);
  if (vertical === 0) return undefined;
  const quarterTurn = multiply(half, { m: BigInt(vertical), e: -1, error: -Infinity }, bits);
  const tangent = divide(x, y, bits)!;
  return add(quarterTurn, negate(arcTangent(tangent, bits)), bits);
}
