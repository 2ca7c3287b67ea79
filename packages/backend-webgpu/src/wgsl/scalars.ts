// The scalar operations as WGSL expressions. Typed over the op table: an operation without a rule does
// not compile. bool values are WGSL's bool in registers and 0 or 1 in memory.

import type { ComputeType, ScalarOp } from "@sixtyone/tensor/backend";
import type { MathName } from "./math.ts";

interface Rule {
  readonly text: (a: string, b: string, c: string) => string;
  readonly needs?: readonly MathName[];
}

type ByType = { readonly [T in ComputeType]?: Rule };

const rule = (text: Rule["text"], ...needs: MathName[]): Rule => ({ text, needs });
const float = (text: Rule["text"], ...needs: MathName[]): ByType => ({ f32: rule(text, ...needs) });
const ints = (text: Rule["text"]): ByType => ({ i32: rule(text), u32: rule(text) });
const numbers = (text: Rule["text"]): ByType => ({ f32: rule(text), ...ints(text) });
const call = (name: string, ...needs: MathName[]): ByType =>
  float((a) => `${name}(${a})`, ...needs);
const infix =
  (operator: string): Rule["text"] =>
  (a, b) =>
    `(${a} ${operator} ${b})`;

const table: { readonly [Op in ScalarOp]: ByType } = {
  neg: {
    f32: rule((a) => `(-${a})`),
    i32: rule((a) => `(-${a})`),
    u32: rule((a) => `(0u - ${a})`),
  },
  abs: { f32: rule((a) => `abs(${a})`), i32: rule((a) => `abs(${a})`), u32: rule((a) => a) },
  sign: {
    ...call("signF", "signF"),
    i32: rule((a) => `sign(${a})`),
    u32: rule((a) => `min(${a}, 1u)`),
  },
  floor: call("floor"),
  ceil: call("ceil"),
  round: call("round"),
  trunc: call("trunc"),
  sqrt: call("sqrt"),
  rsqrt: float((a) => `(1.0 / sqrt(${a}))`),
  reciprocal: float((a) => `(1.0 / ${a})`),
  exp: call("expF", "expF"),
  log: call("logF", "logF"),
  sin: call("sinF", "trig"),
  cos: call("cosF", "trig"),
  atan: call("atanF", "atanF"),
  tanh: call("tanhF", "tanhF"),
  erf: call("erfF", "erfF"),
  sigmoid: call("sigmoidF", "sigmoidF"),
  isNaN: call("isNan", "special"),
  not: { bool: rule((a) => `(!${a})`), ...ints((a) => `(~${a})`) },
  add: numbers(infix("+")),
  sub: numbers(infix("-")),
  mul: numbers(infix("*")),
  div: {
    f32: rule(infix("/")),
    i32: rule((a, b) => `select(${a} / ${b}, 0, ${b} == 0)`),
    u32: rule((a, b) => `select(${a} / ${b}, 0u, ${b} == 0u)`),
  },
  rem: {
    f32: rule((a, b) => `remF(${a}, ${b})`, "remF"),
    i32: rule((a, b) => `select(${a} % ${b}, 0, ${b} == 0)`),
    u32: rule((a, b) => `select(${a} % ${b}, 0u, ${b} == 0u)`),
  },
  pow: float((a, b) => `powF(${a}, ${b})`, "powF"),
  min: { f32: rule((a, b) => `minF(${a}, ${b})`, "minF"), ...ints((a, b) => `min(${a}, ${b})`) },
  max: { f32: rule((a, b) => `maxF(${a}, ${b})`, "maxF"), ...ints((a, b) => `max(${a}, ${b})`) },
  eq: { ...numbers(infix("==")), bool: rule(infix("==")) },
  // `!=` on floats is false for NaN in some compilers; the negation of `==` is not.
  ne: { ...numbers((a, b) => `!(${a} == ${b})`), bool: rule(infix("!=")) },
  lt: { ...numbers(infix("<")), bool: rule((a, b) => `(!${a} && ${b})`) },
  le: { ...numbers(infix("<=")), bool: rule((a, b) => `(!${a} || ${b})`) },
  and: { ...ints(infix("&")), bool: rule(infix("&&")) },
  or: { ...ints(infix("|")), bool: rule(infix("||")) },
  xor: { ...ints(infix("^")), bool: rule(infix("!=")) },
  shiftLeft: ints((a, b) => `(${a} << (u32(${b}) & 31u))`),
  shiftRight: ints((a, b) => `(${a} >> (u32(${b}) & 31u))`),
  select: {
    ...numbers((c, a, b) => `select(${b}, ${a}, ${c})`),
    bool: rule((c, a, b) => `select(${b}, ${a}, ${c})`),
  },
};

/** `type`: of the last argument. */
export function scalarText(
  op: ScalarOp,
  type: ComputeType,
  args: readonly string[],
  needs: Set<MathName>,
): string {
  const found = table[op][type];
  if (!found) throw new Error(`webgpu: ${op} is not defined on ${type}`);
  found.needs?.forEach((name) => needs.add(name));
  return found.text(args[0]!, args[1] ?? "", args[2] ?? "");
}

export function castText(
  from: ComputeType,
  to: ComputeType,
  x: string,
  needs: Set<MathName>,
): string {
  if (from === to) return x;
  const zero = { f32: "0.0", i32: "0", u32: "0u", bool: "false" } as const;
  if (to === "bool") return `!(${x} == ${zero[from]})`;
  if (from === "bool") return `select(${zero[to]}, ${to}(1), ${x})`;
  if (to === "f32") return `f32(${x})`;
  if (from !== "f32") return `bitcast<${to}>(${x})`;
  const name = to === "i32" ? "toI32" : "toU32";
  needs.add(name);
  return `${name}(${x})`;
}
