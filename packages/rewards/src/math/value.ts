// What an expression is worth at a point: an exact number, a complex ball, or a matrix of those.

import type { Budget } from "./budget.ts";
import { complexOf, type Complex } from "./complex.ts";
import type { Rational } from "./rational.ts";

export type Scalar = Rational | Complex;
export type Matrix = readonly (readonly Scalar[])[];
export type Value = Scalar | Matrix;

/**
 * Thrown where an expression has no value, such as 1/0, and always caught. No Error: points without a value
 * are common, and a stack trace would cost more than all the arithmetic.
 */
export class UndefinedValueError {}

export interface Point {
  /** The value of a variable. */
  readonly valueOf: (name: string) => Rational;
  /** Bits of precision of what is not rational. */
  readonly bits: number;
  /** Whether log without a base is the natural one; else it has base 10. */
  readonly naturalLog: boolean;
  readonly budget: Budget;
  /** Set when a root or logarithm of a negative number came up. */
  leftReals: boolean;
  /** Fractions longer than this go on as balls: to reduce them would cost too much. */
  readonly fractionBits: number;
  /** The size of the longest exact numbers, even of those that went on as balls. */
  largestBits: number;
}

export function isExact(value: Scalar): value is Rational {
  return "n" in value;
}

export function isMatrix(value: Value): value is Matrix {
  return Array.isArray(value);
}

export function toComplex(value: Scalar, bits: number): Complex {
  return isExact(value) ? complexOf(value, bits) : value;
}
