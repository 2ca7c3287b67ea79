// What the core itself needs to know of scalar operations. The table beside this file says the rest, for
// backends and tests; keeping it apart keeps it out of bundles that only compute.

import type { ComputeType } from "../dtype.ts";

export type ScalarOp =
  | "neg"
  | "abs"
  | "sign"
  | "floor"
  | "ceil"
  | "round"
  | "trunc"
  | "sqrt"
  | "rsqrt"
  | "reciprocal"
  | "exp"
  | "log"
  | "sin"
  | "cos"
  | "atan"
  | "tanh"
  | "erf"
  | "sigmoid"
  | "isNaN"
  | "not"
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "rem"
  | "pow"
  | "min"
  | "max"
  | "eq"
  | "ne"
  | "lt"
  | "le"
  | "and"
  | "or"
  | "xor"
  | "shiftLeft"
  | "shiftRight"
  | "select";

const comparisons: ReadonlySet<ScalarOp> = /* @__PURE__ */ new Set<ScalarOp>([
  "isNaN",
  "eq",
  "ne",
  "lt",
  "le",
]);

/** Whether the result is bool, whatever the arguments are. */
export function givesBool(op: ScalarOp): boolean {
  return comparisons.has(op);
}

const heavy: ReadonlySet<ScalarOp> = /* @__PURE__ */ new Set<ScalarOp>([
  "exp",
  "log",
  "sin",
  "cos",
  "atan",
  "tanh",
  "erf",
  "sigmoid",
  "pow",
]);

/** Whether the result is worth storing rather than computing twice. */
export function isHeavy(op: ScalarOp): boolean {
  return heavy.has(op);
}

/** The result type of a scalar op, given the type of its last argument. */
export function resultType(op: ScalarOp, last: ComputeType): ComputeType {
  return givesBool(op) ? "bool" : last;
}
