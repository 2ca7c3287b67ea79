// The JavaScript printer of the expression IR: turns a program into a function of one element. It is
// the oracle the other printers are tested against, so it is written for being obviously right. Every
// float is rounded to f32 as soon as it is computed (or kept in double precision, on request), so that a
// value is the same number whether it was fused or stored: `x.eq(x.max())` depends on that.

import type { ComputeType } from "../dtype.ts";
import type { Program } from "./program.ts";
import type { ScalarOp } from "./scalar-traits.ts";

type Rule = (a: number, b: number, c: number) => number;
type RuleByType = {
  readonly f32?: Rule;
  readonly i32?: Rule;
  readonly u32?: Rule;
  readonly bool?: Rule;
};

const wrap = (f: Rule): RuleByType => ({
  i32: (a, b, c) => f(a, b, c) | 0,
  u32: (a, b, c) => f(a, b, c) >>> 0,
});
const number = (f: Rule): RuleByType => ({ f32: f, ...wrap(f) });
const compare = (f: (a: number, b: number) => boolean): RuleByType => {
  const rule: Rule = (a, b) => (f(a, b) ? 1 : 0);
  return { f32: rule, i32: rule, u32: rule, bool: rule };
};
const float = (f: Rule): RuleByType => ({ f32: f });

function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  if (Math.abs(x) >= 2 ** 52 || x === floor) return x;
  const rest = x - floor;
  const up = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
  const rounded = up ? floor + 1 : floor;
  return rounded === 0 && x < 0 ? -0 : rounded;
}

/** erf by its Maclaurin series below 2.5 and the continued fraction of erfc above: 1e-15 relative. */
function erf(x: number): number {
  const a = Math.abs(x);
  if (a !== a) return NaN;
  if (a > 6) return Math.sign(x);
  if (a < 2.5) {
    let term = a;
    let sum = a;
    for (let n = 1; Math.abs(term) > 1e-17 * sum; n++) {
      term *= -(a * a) / n;
      sum += term / (2 * n + 1);
      if (n > 200) break;
    }
    return (2 / Math.sqrt(Math.PI)) * (x < 0 ? -sum : sum);
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (a + fraction);
  const erfc = Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction);
  return x < 0 ? erfc - 1 : 1 - erfc;
}

const nanMin: Rule = (a, b) => (a !== a || b !== b ? NaN : Math.min(a, b));
const nanMax: Rule = (a, b) => (a !== a || b !== b ? NaN : Math.max(a, b));

const rules: { readonly [Op in ScalarOp]: RuleByType } = {
  neg: number((a) => -a),
  abs: number((a) => Math.abs(a)),
  sign: number((a) => Math.sign(a)),
  floor: float((a) => Math.floor(a)),
  ceil: float((a) => Math.ceil(a)),
  round: float(roundHalfEven),
  trunc: float((a) => Math.trunc(a)),
  sqrt: float((a) => Math.sqrt(a)),
  rsqrt: float((a) => 1 / Math.sqrt(a)),
  reciprocal: float((a) => 1 / a),
  exp: float((a) => Math.exp(a)),
  log: float((a) => Math.log(a)),
  sin: float((a) => Math.sin(a)),
  cos: float((a) => Math.cos(a)),
  atan: float((a) => Math.atan(a)),
  tanh: float((a) => Math.tanh(a)),
  erf: float(erf),
  sigmoid: float((a) => (a >= 0 ? 1 / (1 + Math.exp(-a)) : Math.exp(a) / (1 + Math.exp(a)))),
  isNaN: float((a) => (a !== a ? 1 : 0)),
  not: { bool: (a) => (a ? 0 : 1), ...wrap((a) => ~a) },
  add: number((a, b) => a + b),
  sub: number((a, b) => a - b),
  mul: { f32: (a, b) => a * b, ...wrap((a, b) => Math.imul(a, b)) },
  div: { f32: (a, b) => a / b, ...wrap((a, b) => (b === 0 ? 0 : Math.trunc(a / b))) },
  rem: { f32: (a, b) => a % b, ...wrap((a, b) => (b === 0 ? 0 : a % b)) },
  pow: float((a, b) => (a === 1 ? 1 : Math.pow(a, b))),
  min: { f32: nanMin, ...wrap((a, b) => Math.min(a, b)) },
  max: { f32: nanMax, ...wrap((a, b) => Math.max(a, b)) },
  eq: compare((a, b) => a === b),
  ne: compare((a, b) => a !== b),
  lt: compare((a, b) => a < b),
  le: compare((a, b) => a <= b),
  and: { bool: (a, b) => a & b, ...wrap((a, b) => a & b) },
  or: { bool: (a, b) => a | b, ...wrap((a, b) => a | b) },
  xor: { bool: (a, b) => a ^ b, ...wrap((a, b) => a ^ b) },
  shiftLeft: wrap((a, b) => a << b),
  shiftRight: { i32: (a, b) => a >> b, u32: (a, b) => a >>> b },
  select: {
    f32: (c, a, b) => (c ? a : b),
    i32: (c, a, b) => (c ? a : b),
    u32: (c, a, b) => (c ? a : b),
    bool: (c, a, b) => (c ? a : b),
  },
};

function convert(x: number, from: ComputeType, to: ComputeType): number {
  if (to === "bool") return x !== 0 ? 1 : 0;
  if (to === "f32") return x;
  if (from !== "f32") return to === "i32" ? x | 0 : x >>> 0;
  if (x !== x) return 0;
  const [low, high] = to === "i32" ? [-2147483648, 2147483647] : [0, 4294967295];
  return Math.min(Math.max(Math.trunc(x), low), high);
}

/**
 * A function that fills `registers` for one element. `load(slot)` gives an input's element, and
 * `coordinate(axis)` the position along an axis counted from the end. `round` is applied to every float
 * that is computed: f32 by default.
 */
export function interpret(
  program: Program,
  scalars: readonly number[],
  round: (x: number) => number = Math.fround,
): (
  registers: Float64Array,
  load: (slot: number) => number,
  coordinate: (axis: number) => number,
) => void {
  const { instructions } = program;
  const steps = instructions.map((instruction) => {
    if ("args" in instruction && instruction.op !== "cast") {
      const argument = instructions[instruction.args[instruction.args.length - 1]!]!.type;
      const rule = rules[instruction.op][argument];
      if (!rule) throw new Error(`interpret: ${instruction.op} is not defined on ${argument}`);
      return rule;
    }
    return undefined;
  });
  return (registers, load, coordinate) => {
    for (let i = 0; i < instructions.length; i++) {
      const instruction = instructions[i]!;
      switch (instruction.op) {
        case "input":
          registers[i] = load(instruction.slot);
          break;
        case "scalar":
          registers[i] = convert(scalars[instruction.slot]!, "f32", instruction.type);
          if (instruction.type === "f32") registers[i] = round(registers[i]!);
          break;
        case "index":
          registers[i] = coordinate(instruction.axis);
          break;
        case "cast": {
          const source = instruction.args[0];
          registers[i] = convert(registers[source]!, instructions[source]!.type, instruction.type);
          if (instruction.type === "f32") registers[i] = round(registers[i]!);
          break;
        }
        default: {
          const [a, b, c] = instruction.args;
          registers[i] = steps[i]!(registers[a!]!, registers[b!]!, registers[c!]!);
          if (instruction.type === "f32") registers[i] = round(registers[i]!);
        }
      }
    }
  };
}
