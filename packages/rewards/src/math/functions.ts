// The functions that have values: roots and powers, exponentials and logarithms, trigonometric and
// hyperbolic functions and their inverses, factorials and what else stands in answers.

import { BudgetError, maxBits } from "./budget.ts";
import {
  add,
  arcSineOf,
  arcTangentOf,
  argument,
  complexI,
  complexOf,
  complexOne,
  complexPi,
  cosineAndSine,
  divide,
  exp,
  isReal,
  log,
  magnitude as magnitudeOf,
  multiply,
  negate,
  power as complexPower,
  squareRootOf,
  subtract,
  type Complex,
} from "./complex.ts";
import { isExact, toComplex, UndefinedValueError, type Point, type Scalar } from "./value.ts";
import {
  bitLength,
  choose,
  compare,
  fallingProduct,
  floor,
  gcd,
  magnitude,
  negative,
  power,
  whole,
  type Rational,
} from "./rational.ts";
import {
  integerRoot,
  negate as negateReal,
  nearestWhole,
  realZero,
  sign,
  logMagnitude,
  subtract as subtractReal,
} from "./real.ts";

/** The value of a function we know; undefined if we do not know it. */
export function applyFunction(
  name: string,
  args: readonly Scalar[],
  point: Point,
): Scalar | undefined {
  point.budget.spend(20);
  const [first, second] = args as [Scalar, Scalar | undefined];
  if (name === "log" || name === "lg" || name === "ln")
    return logarithm(name, first, second, point);
  if (name === "sqrt") return root(first, second ?? whole(2), point);
  if (name === "cbrt") return root(first, whole(3), point);
  const onExact = exactFunctions.get(name);
  if (onExact)
    return onExact(
      args.map((arg) => exactly(arg, point)),
      point,
    );
  const onComplex = complexFunctions.get(name);
  if (!onComplex) return undefined;
  if (isExact(first) && (name === "abs" || name === "Re")) {
    return name === "abs" ? magnitude(first) : first;
  }
  if (isExact(first) && first.n === 0n && vanishing.has(name)) return first;
  const value = onComplex(toComplex(first, point.bits), point.bits);
  if (!value) throw new UndefinedValueError();
  if (inverses.has(name) && isReal(toComplex(first, point.bits)) && !isReal(value)) {
    point.leftReals = true;
  }
  return value;
}

const vanishing = new Set("sin tan sinh tanh arcsin arctan arcsinh arctanh".split(" "));
const inverses = new Set("arcsin arccos arcsec arccsc arccosh arctanh".split(" "));

/** A whole number that a ball certainly means, or the exact number itself. */
function exactly(value: Scalar, point: Point): Rational {
  if (isExact(value)) return value;
  const isNarrow = logMagnitude(value.re) < 60 && isReal(value);
  const nearest = isNarrow ? whole(nearestWhole(value.re)) : undefined;
  if (nearest) {
    const gap = subtractReal(value.re, complexOf(nearest, point.bits).re, point.bits);
    if (sign(gap) === 0) return nearest;
    // Between whole numbers: good enough for floor and ceiling.
    return { n: nearest.n * 4n + BigInt(sign(gap)), d: 4n };
  }
  throw new UndefinedValueError();
}

function wholeArgument({ n, d }: Rational): bigint {
  if (d !== 1n) throw new UndefinedValueError();
  if (bitLength(n) > 20) throw new BudgetError("a factorial of a huge number");
  return n;
}

type OnExact = (args: readonly Rational[], point: Point) => Rational;

const exactFunctions: ReadonlyMap<string, OnExact> = new Map<string, OnExact>([
  ["factorial", ([n], { budget }) => whole(fallingProduct(natural(n!), 1n, budget))],
  ["factorial2", ([n], { budget }) => whole(fallingProduct(natural(n!), 2n, budget))],
  ["binomial", ([n, k], { budget }) => whole(choose(wholeArgument(n!), wholeArgument(k!), budget))],
  ["floor", ([a]) => whole(floor(a!))],
  ["ceil", ([a]) => whole(-floor(negative(a!)))],
  ["gcd", (args) => whole(args.map(wholeOnly).reduce(gcd))],
  ["lcm", (args) => whole(args.map(wholeOnly).reduce((a, b) => (a / gcd(a, b)) * b))],
  ["max", (args) => args.reduce((a, b) => (compare(a, b) >= 0 ? a : b))],
  ["min", (args) => args.reduce((a, b) => (compare(a, b) <= 0 ? a : b))],
  ["sgn", ([a]) => whole(a!.n > 0n ? 1 : a!.n < 0n ? -1 : 0)],
]);

function natural(a: Rational): bigint {
  const n = wholeArgument(a);
  if (n < 0n) throw new UndefinedValueError();
  return n;
}

function wholeOnly({ n, d }: Rational): bigint {
  if (d !== 1n || n === 0n) throw new UndefinedValueError();
  return n;
}

type OnComplex = (a: Complex, bits: number) => Complex | undefined;

function half(a: Complex, bits: number): Complex {
  return multiply(a, complexOf({ n: 1n, d: 2n }, bits), bits);
}

function cosine(a: Complex, bits: number): Complex {
  return cosineAndSine(a, bits)[0];
}

function sine(a: Complex, bits: number): Complex {
  return cosineAndSine(a, bits)[1];
}

function hyperbolic(a: Complex, bits: number, plus: boolean): Complex {
  const [grown, shrunk] = [exp(a, bits), exp(negate(a), bits)];
  return half(plus ? add(grown, shrunk, bits) : subtract(grown, shrunk, bits), bits);
}

const reciprocal =
  (of: OnComplex): OnComplex =>
  (a, bits) => {
    const value = of(a, bits);
    return value && divide(complexOne, value, bits);
  };

const ofReciprocal =
  (of: OnComplex): OnComplex =>
  (a, bits) => {
    const value = divide(complexOne, a, bits);
    return value && of(value, bits);
  };

const tangent: OnComplex = (a, bits) => divide(sine(a, bits), cosine(a, bits), bits);
const hyperbolicTangent: OnComplex = (a, bits) =>
  divide(hyperbolic(a, bits, false), hyperbolic(a, bits, true), bits);
const arcCosine: OnComplex = (a, bits) => {
  const turn = arcSineOf(a, bits);
  return turn && subtract(half(complexPi(bits), bits), turn, bits);
};
/** log(a + √(a² ± 1)). */
const inverseHyperbolic =
  (sign: 1 | -1): OnComplex =>
  (a, bits) => {
    const square = multiply(a, a, bits);
    const inside = sign === 1 ? add(square, complexOne, bits) : subtract(square, complexOne, bits);
    return log(add(a, squareRootOf(inside, bits), bits), bits);
  };

const complexFunctions: ReadonlyMap<string, OnComplex> = new Map<string, OnComplex>([
  ["exp", exp],
  ["abs", magnitudeOf],
  ["cis", (a, bits) => exp(multiply(complexI, a, bits), bits)],
  ["conj", ({ re, im }) => ({ re, im: negateReal(im) })],
  ["Re", ({ re }) => ({ re, im: realZero })],
  ["Im", ({ im }) => ({ re: im, im: realZero })],
  ["arg", argument],
  ["sin", sine],
  ["cos", cosine],
  ["tan", tangent],
  ["cot", (a, bits) => divide(cosine(a, bits), sine(a, bits), bits)],
  ["sec", reciprocal(cosine)],
  ["csc", reciprocal(sine)],
  ["arcsin", arcSineOf],
  ["arccos", arcCosine],
  ["arctan", arcTangentOf],
  [
    "arccot",
    (a, bits) => {
      const turn = arcTangentOf(a, bits);
      return turn && subtract(half(complexPi(bits), bits), turn, bits);
    },
  ],
  ["arcsec", ofReciprocal(arcCosine)],
  ["arccsc", ofReciprocal(arcSineOf)],
  ["sinh", (a, bits) => hyperbolic(a, bits, false)],
  ["cosh", (a, bits) => hyperbolic(a, bits, true)],
  ["tanh", hyperbolicTangent],
  ["coth", reciprocal(hyperbolicTangent)],
  ["sech", reciprocal((a, bits) => hyperbolic(a, bits, true))],
  ["csch", reciprocal((a, bits) => hyperbolic(a, bits, false))],
  ["arcsinh", inverseHyperbolic(1)],
  ["arccosh", inverseHyperbolic(-1)],
  [
    "arctanh",
    (a, bits) => {
      const inside = divide(add(complexOne, a, bits), subtract(complexOne, a, bits), bits);
      const value = inside && log(inside, bits);
      return value && half(value, bits);
    },
  ],
]);

function logarithm(name: string, value: Scalar, base: Scalar | undefined, point: Point): Scalar {
  const { bits } = point;
  const natural = log(toComplex(value, bits), bits);
  if (!natural) throw new UndefinedValueError();
  if (!isReal(natural) && isReal(toComplex(value, bits))) point.leftReals = true;
  const ten = name === "lg" || (name === "log" && !point.naturalLog);
  const foot = base ?? (ten ? whole(10) : undefined);
  if (foot === undefined) return natural;
  const below = log(toComplex(foot, bits), bits);
  const result = below && divide(natural, below, bits);
  if (!result) throw new UndefinedValueError();
  return result;
}

function root(value: Scalar, index: Scalar, point: Point): Scalar {
  if (!isExact(index) || index.n === 0n) {
    return raise(value, isExact(index) ? whole(0) : divide(complexOne, index, point.bits)!, point);
  }
  return raise(value, { n: index.n < 0n ? -index.d : index.d, d: magnitude(index).n }, point);
}

/**
 * base^exponent: exact for whole exponents that fit. With realRoots the real root of a negative number
 * where there is one, else the principal one.
 */
export function raise(base: Scalar, exponent: Scalar, point: Point, realRoots = true): Scalar {
  point.budget.spend(10);
  const { bits } = point;
  if (isExact(exponent)) {
    if (exponent.n === 0n) return whole(1);
    if (isExact(base)) {
      const exact = raiseExactly(base, exponent, point);
      if (exact) return exact;
    } else if (exponent.d === 1n && magnitude(exponent).n <= 64n) {
      return repeatedly(base, exponent, point);
    }
    if (exponent.d === 2n && magnitude(exponent).n === 1n) {
      const top = toComplex(base, bits);
      const value = squareRootOf(top, bits);
      if (isReal(top) && sign(top.re) === -1) point.leftReals = true;
      return exponent.n === 1n ? value : reciprocalOf(value, bits);
    }
    const value = toComplex(base, bits);
    if (realRoots && isReal(value) && sign(value.re) === -1 && exponent.d % 2n === 1n) {
      // The real root of a negative number, to an odd or even power.
      const positive = complexPower(negate(value), toComplex(exponent, bits), bits)!;
      return exponent.n % 2n === 0n ? positive : negate(positive);
    }
  }
  const value = toComplex(base, bits);
  if (isReal(value) && sign(value.re) === -1) point.leftReals = true;
  const result = complexPower(value, toComplex(exponent, bits), bits);
  if (!result) throw new UndefinedValueError();
  return result;
}

function reciprocalOf(value: Complex, bits: number): Complex {
  const result = divide(complexOne, value, bits);
  if (!result) throw new UndefinedValueError();
  return result;
}

function raiseExactly(base: Rational, exponent: Rational, point: Point): Rational | undefined {
  if (exponent.d === 2n && base.n >= 0n) {
    const [n, d] = [integerRoot(base.n), integerRoot(base.d)];
    if (n * n !== base.n || d * d !== base.d) return undefined;
    return raiseExactly({ n, d }, whole(exponent.n), point);
  }
  if (exponent.d !== 1n) return undefined;
  if (base.n === 0n && exponent.n < 0n) throw new UndefinedValueError();
  const isUnit = base.d === 1n && base.n >= -1n && base.n <= 1n;
  if (isUnit) return base.n === -1n && exponent.n % 2n === 0n ? whole(1) : base;
  const times = Math.abs(Number(exponent.n));
  const size = times * (Math.log2(Math.abs(Number(base.n))) + Math.log2(Number(base.d)));
  point.largestBits = Math.max(point.largestBits, size);
  if (size > maxBits) return undefined;
  point.budget.spendBits(size);
  return power(base, exponent.n);
}

/** A whole power of a ball by squaring. */
function repeatedly(base: Complex, exponent: Rational, { bits }: Point): Complex {
  let result = complexOne;
  let square = base;
  for (let times = magnitude(exponent).n; times > 0n; times >>= 1n) {
    if (times & 1n) result = multiply(result, square, bits);
    square = multiply(square, square, bits);
  }
  return exponent.n > 0n ? result : reciprocalOf(result, bits);
}
