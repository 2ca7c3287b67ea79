// The arithmetic below the grader, against doubles and against digits that are known.

import { describe, expect, it } from "vitest";
import { arcTangent, cosSin, exp, log, pi } from "./elementary.ts";
import {
  bitLength,
  decimal,
  fraction,
  negative,
  power,
  sum,
  whole,
  type Rational,
} from "./rational.ts";
import {
  fromRational,
  integerRoot,
  sign,
  squareRoot,
  subtract,
  toNumber,
  type Real,
} from "./real.ts";

const bits = 160;
const value = (text: string): Rational => {
  const [integer = "", decimals = ""] = text.replace("-", "").split(".");
  const size = decimal(integer, decimals);
  return text.startsWith("-") ? negative(size) : size;
};
const ball = (text: string): Real => fromRational(value(text), bits);

describe("balls", () => {
  it.each(["0.5", "-0.5", "1.7", "-1.7", "12.25", "-12.25", "100.1", "0.001"])("at %s", (text) => {
    const [x, a] = [Number(text), ball(text)];
    const [cosine, sine] = cosSin(a, bits);
    expect(toNumber(exp(a, bits)) / Math.exp(x)).toBeCloseTo(1, 13);
    expect(toNumber(cosine)).toBeCloseTo(Math.cos(x), 13);
    expect(toNumber(sine)).toBeCloseTo(Math.sin(x), 13);
    expect(toNumber(arcTangent(a, bits))).toBeCloseTo(Math.atan(x), 13);
    if (x < 0) return;
    expect(toNumber(log(a, bits)!)).toBeCloseTo(Math.log(x), 13);
    expect(toNumber(squareRoot(a, bits))).toBeCloseTo(Math.sqrt(x), 13);
  });

  it("holds π to its last bit but a few", () => {
    const digits = "3.14159265358979323846264338327950288419716939937510";
    const gap = subtract(pi(bits), ball(digits), bits);
    expect(Math.abs(toNumber(gap))).toBeLessThan(1e-46);
  });

  it("knows what it does not know", () => {
    const root = squareRoot(ball("2"), bits);
    const rest = subtract(root, root, bits);
    expect(sign(rest)).toBe(0);
    expect(rest.error).toBeGreaterThan(-200);
    expect(log(rest, bits)).toBeUndefined();
  });
});

describe("fractions", () => {
  it("are in lowest terms with a positive denominator", () => {
    expect(fraction(6n, -4n)).toEqual({ n: -3n, d: 2n });
    expect(fraction(1n, 0n)).toBeUndefined();
    expect(sum(fraction(1n, 6n)!, fraction(1n, 3n)!)).toEqual({ n: 1n, d: 2n });
    expect(power(fraction(-2n, 3n)!, -3n)).toEqual({ n: -27n, d: 8n });
    expect(power(whole(0), -1n)).toBeUndefined();
  });

  it("have sizes and roots", () => {
    for (const n of [1n, 255n, 256n, 10n ** 400n, -(10n ** 400n)]) {
      const exact = (n < 0n ? -n : n).toString(2).length;
      expect(Math.abs(bitLength(n) - exact)).toBeLessThanOrEqual(1);
    }
    const large = 10n ** 401n + 7n;
    const root = integerRoot(large);
    expect(root * root <= large && (root + 1n) ** 2n > large).toBe(true);
  });
});
