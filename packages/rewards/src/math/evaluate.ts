// The value of an expression at a point: exact as long as it is rational, a complex ball from the first
// root or sine on. A polynomial at a rational point is therefore compared exactly (Schwartz–Zippel).

import { contains, type Node } from "./ast.ts";
import { BudgetError, maxBits } from "./budget.ts";
import {
  add,
  complexI,
  complexOf,
  complexPi,
  divide,
  exp,
  isReal,
  multiply,
  negate,
} from "./complex.ts";
import { applyFunction, raise } from "./functions.ts";
import { negative, product, quotient, sizeInBits, sum, whole, type Rational } from "./rational.ts";
import { fromRational, sign, toNumber } from "./real.ts";
import {
  isExact,
  isMatrix,
  toComplex,
  UndefinedValueError,
  type Matrix,
  type Point,
  type Scalar,
  type Value,
} from "./value.ts";

/** A number that depends on a text only, between 0 and 2^32. */
export function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
  }
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
  return (state ^ (state >>> 13)) >>> 0;
}

export function evaluate(node: Node, point: Point): Value {
  point.budget.spend();
  switch (node.kind) {
    case "number":
      return node.value;
    case "constant":
      return constant(node.name, point);
    case "symbol":
      return point.valueOf(node.name);
    case "negate":
      return negateValue(evaluate(node.value, point));
    case "add":
      return node.terms
        .map((term) => evaluate(term, point))
        .reduce((left, right) => addValues(left, right, point));
    case "multiply":
      return node.factors
        .map((factor) => evaluate(factor, point))
        .reduce((left, right) => multiplyValues(left, right, point));
    case "divide":
      return divideValues(evaluate(node.top, point), scalar(node.bottom, point), point);
    case "power":
      return powerOf(node, point);
    case "percent":
      return multiplyValues(evaluate(node.value, point), { n: 1n, d: 100n }, point);
    case "degree": {
      const radians = multiply(
        complexPi(point.bits),
        complexOf({ n: 1n, d: 180n }, point.bits),
        point.bits,
      );
      return multiplyValues(evaluate(node.value, point), radians, point);
    }
    case "matrix":
      return node.rows.map((row) => row.map((cell) => scalar(cell, point)));
    case "tuple":
      return node.items.map((item) => [scalar(item, point)]);
    case "fold":
      return fold(node, point);
    case "ratio": {
      const [first, ...rest] = node.items;
      return rest.reduce(
        (left, right) => divideValues(left, scalar(right, point), point),
        evaluate(first!, point),
      );
    }
    case "call":
      return call(node.name, node.args, point);
    default:
      throw new UndefinedValueError();
  }
}

export function scalar(node: Node, point: Point): Scalar {
  const value = evaluate(node, point);
  if (isMatrix(value)) throw new UndefinedValueError();
  return value;
}

function constant(name: "pi" | "e" | "i" | "infinity", { bits }: Point): Value {
  if (name === "pi") return complexPi(bits);
  if (name === "i") return complexI;
  if (name === "e") return exp(complexOf(whole(1), bits), bits);
  throw new UndefinedValueError();
}

function powerOf(node: Extract<Node, { kind: "power" }>, point: Point): Value {
  if (node.base.kind === "constant" && node.base.name === "e") {
    return exp(toComplex(scalar(node.exponent, point), point.bits), point.bits);
  }
  const base = evaluate(node.base, point);
  const exponent = scalar(node.exponent, point);
  if (!isMatrix(base)) {
    // (-8)^{1/3} is -2, but (-1)^n is no root.
    const isRoot = !contains(node.exponent, ({ kind }) => kind === "symbol");
    return raise(base, exponent, point, isRoot);
  }
  if (!isExact(exponent) || exponent.d !== 1n || exponent.n < 1n || exponent.n > 20n) {
    throw new UndefinedValueError();
  }
  let result: Value = base;
  for (let times = 1n; times < exponent.n; times++) result = multiplyValues(result, base, point);
  return result;
}

function negateValue(value: Value): Value {
  if (isMatrix(value)) return value.map((row) => row.map((cell) => negateValue(cell) as Scalar));
  return isExact(value) ? negative(value) : negate(value);
}

/** Whether an operation on two exact numbers can stay exact; pays for it. */
function canStayExact(a: Rational, b: Rational, point: Point): boolean {
  const size = sizeInBits(a) + sizeInBits(b);
  const isWhole = a.d === 1n && b.d === 1n;
  const limit = isWhole ? maxBits : point.fractionBits;
  point.largestBits = Math.max(point.largestBits, size);
  if (size > limit) return false;
  point.budget.spend(isWhole ? size / 512 : (size * size) / 40_000);
  return true;
}

export function addValues(a: Value, b: Value, point: Point): Value {
  if (isMatrix(a) || isMatrix(b)) {
    if (!isMatrix(a) || !isMatrix(b)) throw new UndefinedValueError();
    if (a.length !== b.length || a[0]?.length !== b[0]?.length) {
      throw new UndefinedValueError();
    }
    return a.map((row, y) => row.map((cell, x) => addValues(cell, b[y]![x]!, point) as Scalar));
  }
  point.budget.spend();
  if (isExact(a) && isExact(b) && canStayExact(a, b, point)) return sum(a, b);
  return add(toComplex(a, point.bits), toComplex(b, point.bits), point.bits);
}

export function multiplyValues(a: Value, b: Value, point: Point): Value {
  if (isMatrix(a) && isMatrix(b)) return multiplyMatrices(a, b, point);
  if (isMatrix(a))
    return a.map((row) => row.map((cell) => multiplyValues(cell, b, point) as Scalar));
  if (isMatrix(b)) return multiplyValues(b, a, point);
  point.budget.spend();
  if (isExact(a) && isExact(b) && canStayExact(a, b, point)) return product(a, b);
  return multiply(toComplex(a, point.bits), toComplex(b, point.bits), point.bits);
}

function multiplyMatrices(a: Matrix, b: Matrix, point: Point): Matrix {
  if (a[0]?.length !== b.length) throw new UndefinedValueError();
  return a.map((row) =>
    b[0]!.map(
      (_, x) =>
        row
          .map((cell, k) => multiplyValues(cell, b[k]![x]!, point))
          .reduce((left, right) => addValues(left, right, point)) as Scalar,
    ),
  );
}

export function divideValues(a: Value, b: Scalar, point: Point): Value {
  if (isMatrix(a)) return a.map((row) => row.map((cell) => divideValues(cell, b, point) as Scalar));
  point.budget.spend();
  if (isExact(a) && isExact(b)) {
    if (b.n === 0n) throw new UndefinedValueError();
    if (canStayExact(a, { n: b.d, d: b.n }, point)) return quotient(a, b)!;
  }
  const value = divide(toComplex(a, point.bits), toComplex(b, point.bits), point.bits);
  if (!value) throw new UndefinedValueError();
  return value;
}

const maxTerms = 2000;

function fold(node: Extract<Node, { kind: "fold" }>, point: Point): Value {
  const [from, to] = [scalar(node.from, point), scalar(node.to, point)];
  if (!isExact(from) || !isExact(to) || from.d !== 1n || to.d !== 1n) {
    throw new UndefinedValueError();
  }
  if (to.n - from.n > maxTerms) throw new BudgetError(`a sum of more than ${maxTerms} terms`);
  let result: Value = whole(node.operation === "sum" ? 0 : 1);
  for (let index = from.n; index <= to.n; index++) {
    const at = whole(index);
    const inside: Point = {
      ...point,
      valueOf: (name) => (name === node.variable ? at : point.valueOf(name)),
    };
    const term = evaluate(node.body, inside);
    point.leftReals ||= inside.leftReals;
    result =
      node.operation === "sum"
        ? addValues(result, term, point)
        : multiplyValues(result, term, point);
  }
  return result;
}

function call(name: string, args: readonly Node[], point: Point): Value {
  if (name === "det" || name === "abs") {
    const value = evaluate(args[0]!, point);
    if (isMatrix(value)) return name === "det" ? determinant(value, point) : length(value, point);
  }
  const values = args.map((arg) => scalar(arg, point));
  return applyFunction(name, values, point) ?? unknownFunction(name, values, point);
}

/** The length of a vector. */
function length(vector: Matrix, point: Point): Scalar {
  if (vector.some((row) => row.length !== 1)) throw new UndefinedValueError();
  const square = vector
    .map(([cell]) => multiplyValues(cell!, cell!, point))
    .reduce((left, right) => addValues(left, right, point)) as Scalar;
  return raise(square, { n: 1n, d: 2n }, point);
}

/** By the first row; the budget ends what is large. */
function determinant(matrix: Matrix, point: Point): Scalar {
  if (matrix.length !== matrix[0]?.length) throw new UndefinedValueError();
  if (matrix.length === 1) return matrix[0][0]!;
  point.budget.spend(matrix.length ** 2);
  let result: Value = whole(0);
  matrix[0].forEach((cell, x) => {
    const minor = matrix.slice(1).map((row) => row.filter((_, column) => column !== x));
    const term = multiplyValues(cell, determinant(minor, point), point);
    result = addValues(result, x % 2 === 0 ? term : negateValue(term), point);
  });
  return result;
}

/** A function we know nothing about has a random value for each argument. */
function unknownFunction(name: string, args: readonly Scalar[], point: Point): Rational {
  const keys = args.map((arg) => {
    const { re, im } = isExact(arg) ? { re: fromRational(arg, point.bits), im: undefined } : arg;
    const digits = sign(re) === 0 ? "0" : toNumber(re).toPrecision(10);
    return im && !isReal({ re, im }) ? `${digits}+${toNumber(im).toPrecision(10)}i` : digits;
  });
  const state = hash(`${name}(${keys.join()})`);
  return { n: BigInt((state % 7919) * 2 + 1001), d: 4096n };
}
