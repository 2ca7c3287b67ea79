// Complex numbers of balls, with principal values. An imaginary part that is exactly zero stays exactly
// zero, so real arithmetic costs what it should.

import { angle, arcTangent, cosSin, exp as realExp, log as realLog, pi } from "./elementary.ts";
import {
  add as addReal,
  divide as divideReal,
  fromRational,
  logDistanceFromZero,
  logMagnitude,
  logSum,
  multiply as multiplyReal,
  negate as negateReal,
  realZero,
  sign,
  squareRoot,
  subtract as subtractReal,
  type Real,
} from "./real.ts";
import type { Rational } from "./rational.ts";

export interface Complex {
  readonly re: Real;
  readonly im: Real;
}

export const complexOne: Complex = { re: { m: 1n, e: 0, error: -Infinity }, im: realZero };
export const complexI: Complex = { re: realZero, im: complexOne.re };

export function complexOf(a: Rational, bits: number): Complex {
  return { re: fromRational(a, bits), im: realZero };
}

/** Certainly on the real axis, or not to be told from it. */
export function isReal(a: Complex): boolean {
  return sign(a.im) === 0;
}

function isExactlyReal(a: Complex): boolean {
  return a.im.m === 0n && a.im.error === -Infinity;
}

export function negate(a: Complex): Complex {
  return { re: negateReal(a.re), im: negateReal(a.im) };
}

export function add(a: Complex, b: Complex, bits: number): Complex {
  return { re: addReal(a.re, b.re, bits), im: addReal(a.im, b.im, bits) };
}

export function subtract(a: Complex, b: Complex, bits: number): Complex {
  return add(a, negate(b), bits);
}

export function multiply(a: Complex, b: Complex, bits: number): Complex {
  const product = (x: Real, y: Real): Real => multiplyReal(x, y, bits);
  if (isExactlyReal(a) && isExactlyReal(b)) return { re: product(a.re, b.re), im: realZero };
  return {
    re: subtractReal(product(a.re, b.re), product(a.im, b.im), bits),
    im: addReal(product(a.re, b.im), product(a.im, b.re), bits),
  };
}

function squaredMagnitude(a: Complex, bits: number): Real {
  return addReal(multiplyReal(a.re, a.re, bits), multiplyReal(a.im, a.im, bits), bits);
}

export function divide(a: Complex, b: Complex, bits: number): Complex | undefined {
  if (isExactlyReal(b)) {
    const re = divideReal(a.re, b.re, bits);
    const im = isExactlyReal(a) ? realZero : divideReal(a.im, b.re, bits);
    return re && im && { re, im };
  }
  const norm = squaredMagnitude(b, bits);
  const top = multiply(a, { re: b.re, im: negateReal(b.im) }, bits);
  const re = divideReal(top.re, norm, bits);
  const im = divideReal(top.im, norm, bits);
  return re && im && { re, im };
}

export function magnitude(a: Complex, bits: number): Complex {
  if (isExactlyReal(a)) return { re: a.re.m < 0n ? negateReal(a.re) : a.re, im: realZero };
  return { re: squareRoot(squaredMagnitude(a, bits), bits), im: realZero };
}

export function exp(a: Complex, bits: number): Complex {
  const size = realExp(a.re, bits);
  if (isExactlyReal(a)) return { re: size, im: realZero };
  const [cosine, sine] = cosSin(a.im, bits);
  return { re: multiplyReal(size, cosine, bits), im: multiplyReal(size, sine, bits) };
}

/** The angle between -π and π. */
export function argument(a: Complex, bits: number): Complex | undefined {
  const turn = angle(a.im, a.re, bits);
  return turn && { re: turn, im: realZero };
}

export function log(a: Complex, bits: number): Complex | undefined {
  if (isExactlyReal(a) && sign(a.re) === 1) {
    return { re: realLog(a.re, bits)!, im: realZero };
  }
  const size = isExactlyReal(a)
    ? realLog(negateReal(a.re), bits)
    : realLog(squaredMagnitude(a, bits), bits);
  const turn = angle(a.im, a.re, bits);
  if (!size || !turn) return undefined;
  return { re: isExactlyReal(a) ? size : half(size), im: turn };
}

function half(a: Real): Real {
  return { m: a.m, e: a.e - 1, error: a.error - 1 };
}

export function squareRootOf(a: Complex, bits: number): Complex {
  if (isReal(a)) {
    // On the real axis, whatever the last bits of the imaginary part say.
    const side = sign(a.re);
    if (side !== -1) {
      const spread = isExactlyReal(a) ? realZero : { ...realZero, error: logMagnitude(a.im) / 2 };
      return { re: squareRoot(a.re, bits), im: spread };
    }
    const spread = isExactlyReal(a) ? realZero : { ...realZero, error: logMagnitude(a.im) / 2 };
    return { re: spread, im: squareRoot(negateReal(a.re), bits) };
  }
  const size = magnitude(a, bits).re;
  const re = squareRoot(half(addReal(size, a.re, bits)), bits);
  const im = squareRoot(half(subtractReal(size, a.re, bits)), bits);
  return { re, im: sign(a.im) === -1 ? negateReal(im) : im };
}

/** Principal power; undefined where zero is raised to something that is not positive. */
export function power(a: Complex, b: Complex, bits: number): Complex | undefined {
  const logarithm = log(a, bits);
  if (logarithm) return exp(multiply(b, logarithm, bits), bits);
  if (sign(b.re) !== 1) return undefined;
  // A ball around zero, to a positive power, is one around zero.
  const size = logSum(logMagnitude(a.re), logMagnitude(a.im));
  const error = size * Math.max(2 ** -20, 2 ** logDistanceFromZero(b.re));
  return { re: { ...realZero, error }, im: realZero };
}

/** [cos a, sin a]. */
export function cosineAndSine(a: Complex, bits: number): [Complex, Complex] {
  const [cosine, sine] = cosSin(a.re, bits);
  if (isExactlyReal(a)) {
    return [
      { re: cosine, im: realZero },
      { re: sine, im: realZero },
    ];
  }
  const grown = realExp(a.im, bits);
  const shrunk = realExp(negateReal(a.im), bits);
  const hyperbolicCosine = half(addReal(grown, shrunk, bits));
  const hyperbolicSine = half(subtractReal(grown, shrunk, bits));
  const product = (x: Real, y: Real): Real => multiplyReal(x, y, bits);
  return [
    { re: product(cosine, hyperbolicCosine), im: negateReal(product(sine, hyperbolicSine)) },
    { re: product(sine, hyperbolicCosine), im: product(cosine, hyperbolicSine) },
  ];
}

export function complexPi(bits: number): Complex {
  return { re: pi(bits), im: realZero };
}

/** Through the logarithm off the real axis. */
export function arcTangentOf(a: Complex, bits: number): Complex | undefined {
  if (isExactlyReal(a)) return { re: arcTangent(a.re, bits), im: realZero };
  const turned = multiply(complexI, a, bits);
  const upper = log(subtract(complexOne, turned, bits), bits);
  const lower = log(add(complexOne, turned, bits), bits);
  if (!upper || !lower) return undefined;
  const doubled = multiply(complexI, subtract(upper, lower, bits), bits);
  return { re: half(doubled.re), im: half(doubled.im) };
}

/** -i · log(i a + √(1 - a²)), real between -1 and 1. */
export function arcSineOf(a: Complex, bits: number): Complex | undefined {
  const rest = squareRootOf(subtract(complexOne, multiply(a, a, bits), bits), bits);
  if (isExactlyReal(a) && isReal(rest) && sign(rest.re) >= 0 && isExactlyReal(rest)) {
    const turn = angle(a.re, rest.re, bits);
    return turn && { re: turn, im: realZero };
  }
  const logarithm = log(add(multiply(complexI, a, bits), rest, bits), bits);
  return logarithm && multiply(negate(complexI), logarithm, bits);
}
