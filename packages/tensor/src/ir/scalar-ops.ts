// The scalar operations of the expression IR: the whole vocabulary that elementwise kernels, the
// prologues of reductions and the backward rules are made of. Three printers are typed over the keys
// of this table (WGSL text, WASM bytecode, the JavaScript interpreter), so an operation that one of
// them does not know is a compile error, not a surprise at run time.

import type { ScalarOp } from "./scalar-traits.ts";

/**
 * `in`: what the arguments may be; the result has the type of the last, or is bool (`givesBool`).
 * `ulp`: the error bound a backend must keep in f32, in units in the last place, where the result is
 * a normal number (sin and cos: for |x| ≤ 2^17).
 */
export interface ScalarOpInfo {
  readonly arity: 1 | 2 | 3;
  readonly in: "float" | "number" | "int" | "bool" | "bits" | "any";
  readonly ulp: number;
}

export const scalarOps: { readonly [Op in ScalarOp]: ScalarOpInfo } = {
  neg: { arity: 1, in: "number", ulp: 0 },
  abs: { arity: 1, in: "number", ulp: 0 },
  /** −1, 0 or 1; NaN stays NaN. */
  sign: { arity: 1, in: "number", ulp: 0 },
  floor: { arity: 1, in: "float", ulp: 0 },
  ceil: { arity: 1, in: "float", ulp: 0 },
  /** Ties to even, as in IEEE 754, NumPy and PyTorch. */
  round: { arity: 1, in: "float", ulp: 0 },
  trunc: { arity: 1, in: "float", ulp: 0 },
  sqrt: { arity: 1, in: "float", ulp: 1 },
  rsqrt: { arity: 1, in: "float", ulp: 2 },
  reciprocal: { arity: 1, in: "float", ulp: 1 },
  exp: { arity: 1, in: "float", ulp: 2 },
  log: { arity: 1, in: "float", ulp: 2 },
  sin: { arity: 1, in: "float", ulp: 4 },
  cos: { arity: 1, in: "float", ulp: 4 },
  atan: { arity: 1, in: "float", ulp: 4 },
  tanh: { arity: 1, in: "float", ulp: 4 },
  erf: { arity: 1, in: "float", ulp: 4 },
  sigmoid: { arity: 1, in: "float", ulp: 4 },
  isNaN: { arity: 1, in: "float", ulp: 0 },
  /** Logical not on bool, bitwise not on i32 and u32. */
  not: { arity: 1, in: "bits", ulp: 0 },
  add: { arity: 2, in: "number", ulp: 1 },
  sub: { arity: 2, in: "number", ulp: 1 },
  mul: { arity: 2, in: "number", ulp: 1 },
  /** f32: IEEE division. i32, u32: truncates towards zero; x / 0 is 0 and −2^31 / −1 is −2^31. */
  div: { arity: 2, in: "number", ulp: 1 },
  /** Remainder with the sign of the dividend (C's %, fmod); integer x % 0 is 0. */
  rem: { arity: 2, in: "number", ulp: 0 },
  pow: { arity: 2, in: "float", ulp: 16 },
  /** NaN if either side is NaN. */
  min: { arity: 2, in: "number", ulp: 0 },
  max: { arity: 2, in: "number", ulp: 0 },
  eq: { arity: 2, in: "any", ulp: 0 },
  ne: { arity: 2, in: "any", ulp: 0 },
  lt: { arity: 2, in: "number", ulp: 0 },
  le: { arity: 2, in: "number", ulp: 0 },
  and: { arity: 2, in: "bits", ulp: 0 },
  or: { arity: 2, in: "bits", ulp: 0 },
  xor: { arity: 2, in: "bits", ulp: 0 },
  /** The shift count is taken modulo 32. */
  shiftLeft: { arity: 2, in: "int", ulp: 0 },
  /** Arithmetic on i32, logical on u32. */
  shiftRight: { arity: 2, in: "int", ulp: 0 },
  /** `select(condition, ifTrue, ifFalse)`; the condition is bool. */
  select: { arity: 3, in: "any", ulp: 0 },
};
