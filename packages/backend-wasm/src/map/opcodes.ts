// The instruction set of the block machine that runs `map` and the prologues of reductions. An opcode's
// number is its position in this list; the generator of the AssemblyScript dispatcher
// (tools/generate-machine.ts) reads the same list, so the two sides cannot disagree.

import type { ComputeType, ScalarOp } from "@sixtyone/tensor/backend";

export const opcodes = [
  "copy",
  "copy.i32",
  "neg.f32",
  "neg.i32",
  "abs.f32",
  "abs.i32",
  "sign.f32",
  "sign.i32",
  "sign.u32",
  "floor",
  "ceil",
  "round",
  "trunc",
  "sqrt",
  "rsqrt",
  "reciprocal",
  "exp",
  "log",
  "sin",
  "cos",
  "atan",
  "tanh",
  "erf",
  "sigmoid",
  "isNaN",
  "not.bool",
  "not.i32",
  "add.f32",
  "add.i32",
  "sub.f32",
  "sub.i32",
  "mul.f32",
  "mul.i32",
  "div.f32",
  "div.i32",
  "div.u32",
  "rem.f32",
  "rem.i32",
  "rem.u32",
  "pow",
  "min.f32",
  "min.i32",
  "min.u32",
  "max.f32",
  "max.i32",
  "max.u32",
  "eq.f32",
  "eq.i32",
  "ne.f32",
  "ne.i32",
  "lt.f32",
  "lt.i32",
  "lt.u32",
  "le.f32",
  "le.i32",
  "le.u32",
  "and",
  "or",
  "xor",
  "shiftLeft",
  "shiftRight.i32",
  "shiftRight.u32",
  "select",
  "f32.i32",
  "f32.u32",
  "i32.f32",
  "u32.f32",
  "f32.bool",
  "i32.bool",
  // Superinstructions: z + x·y, x·y − z and z − x·y, fused where the engine has relaxed SIMD, and
  // x · sigmoid(y), which needs one division and no product.
  "mulAdd",
  "mulSub",
  "negMulAdd",
  "mulSigmoid",
] as const;

export type Opcode = (typeof opcodes)[number];

type ByType = { readonly [T in ComputeType]?: Opcode };
const float = (opcode: Opcode): ByType => ({ f32: opcode });
const bits = (opcode: Opcode): ByType => ({ i32: opcode, u32: opcode, bool: opcode });

/** The opcode of a scalar op, by the type of its last argument. */
const table: { readonly [Op in ScalarOp]: ByType } = {
  neg: { f32: "neg.f32", i32: "neg.i32", u32: "neg.i32" },
  abs: { f32: "abs.f32", i32: "abs.i32", u32: "copy.i32" },
  sign: { f32: "sign.f32", i32: "sign.i32", u32: "sign.u32" },
  floor: float("floor"),
  ceil: float("ceil"),
  round: float("round"),
  trunc: float("trunc"),
  sqrt: float("sqrt"),
  rsqrt: float("rsqrt"),
  reciprocal: float("reciprocal"),
  exp: float("exp"),
  log: float("log"),
  sin: float("sin"),
  cos: float("cos"),
  atan: float("atan"),
  tanh: float("tanh"),
  erf: float("erf"),
  sigmoid: float("sigmoid"),
  isNaN: float("isNaN"),
  not: { bool: "not.bool", i32: "not.i32", u32: "not.i32" },
  add: { f32: "add.f32", i32: "add.i32", u32: "add.i32" },
  sub: { f32: "sub.f32", i32: "sub.i32", u32: "sub.i32" },
  mul: { f32: "mul.f32", i32: "mul.i32", u32: "mul.i32" },
  div: { f32: "div.f32", i32: "div.i32", u32: "div.u32" },
  rem: { f32: "rem.f32", i32: "rem.i32", u32: "rem.u32" },
  pow: float("pow"),
  min: { f32: "min.f32", i32: "min.i32", u32: "min.u32" },
  max: { f32: "max.f32", i32: "max.i32", u32: "max.u32" },
  eq: { f32: "eq.f32", ...bits("eq.i32") },
  ne: { f32: "ne.f32", ...bits("ne.i32") },
  lt: { f32: "lt.f32", i32: "lt.i32", u32: "lt.u32", bool: "lt.u32" },
  le: { f32: "le.f32", i32: "le.i32", u32: "le.u32", bool: "le.u32" },
  and: bits("and"),
  or: bits("or"),
  xor: bits("xor"),
  shiftLeft: bits("shiftLeft"),
  shiftRight: { i32: "shiftRight.i32", u32: "shiftRight.u32" },
  select: { f32: "select", ...bits("select") },
};

const numbers = new Map<Opcode, number>(opcodes.map((name, i) => [name, i]));

export function opcodeNumber(opcode: Opcode): number {
  return numbers.get(opcode)!;
}

export function scalarOpcode(op: ScalarOp, type: ComputeType): Opcode {
  const opcode = table[op][type];
  if (!opcode) throw new Error(`wasm: ${op} is not defined on ${type}`);
  return opcode;
}

/** The opcode of a conversion, or undefined where the bits stay as they are. */
export function castOpcode(from: ComputeType, to: ComputeType): Opcode | undefined {
  if (from === to || (from !== "f32" && (to === "i32" || to === "u32"))) return undefined;
  if (to === "bool") return from === "f32" ? "f32.bool" : "i32.bool";
  if (to === "f32") return from === "u32" ? "u32.f32" : "i32.f32";
  return to === "i32" ? "f32.i32" : "f32.u32";
}
