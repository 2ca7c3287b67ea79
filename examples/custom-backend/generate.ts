// Turns a program into JavaScript source: the fourth printer of the expression IR, beside WGSL, WebAssembly
// bytecode and the interpreter. The table is typed over the IR's operations, so none can be forgotten.

import type { ComputeType, Program, ScalarOp } from "@sixtyone/tensor/backend";

type Template = (a: string, b: string, c: string) => string;

/** JavaScript of each operation on floats and bool; integers are wrapped to their width afterwards. */
const templates: { readonly [Op in ScalarOp]: Template } = {
  neg: (a) => `-${a}`,
  abs: (a) => `Math.abs(${a})`,
  sign: (a) => `Math.sign(${a})`,
  floor: (a) => `Math.floor(${a})`,
  ceil: (a) => `Math.ceil(${a})`,
  round: (a) => `support.roundHalfEven(${a})`,
  trunc: (a) => `Math.trunc(${a})`,
  sqrt: (a) => `Math.sqrt(${a})`,
  rsqrt: (a) => `1 / Math.sqrt(${a})`,
  reciprocal: (a) => `1 / ${a}`,
  exp: (a) => `Math.exp(${a})`,
  log: (a) => `Math.log(${a})`,
  sin: (a) => `Math.sin(${a})`,
  cos: (a) => `Math.cos(${a})`,
  atan: (a) => `Math.atan(${a})`,
  tanh: (a) => `Math.tanh(${a})`,
  erf: (a) => `support.erf(${a})`,
  sigmoid: (a) => `1 / (1 + Math.exp(-${a}))`,
  isNaN: (a) => `+(${a} !== ${a})`,
  not: (a) => `~${a}`,
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${a} * ${b}`,
  div: (a, b) => `${a} / ${b}`,
  rem: (a, b) => `support.remainder(${a}, ${b})`,
  pow: (a, b) => `(${a} === 1 ? 1 : Math.pow(${a}, ${b}))`,
  min: (a, b) => `Math.min(${a}, ${b})`,
  max: (a, b) => `Math.max(${a}, ${b})`,
  eq: (a, b) => `+(${a} === ${b})`,
  ne: (a, b) => `+(${a} !== ${b})`,
  lt: (a, b) => `+(${a} < ${b})`,
  le: (a, b) => `+(${a} <= ${b})`,
  and: (a, b) => `${a} & ${b}`,
  or: (a, b) => `${a} | ${b}`,
  xor: (a, b) => `${a} ^ ${b}`,
  shiftLeft: (a, b) => `${a} << ${b}`,
  shiftRight: (a, b) => `${a} >> ${b}`,
  select: (c, a, b) => `(${c} ? ${a} : ${b})`,
};

/** Where integers and bool need another template than floats. */
const special: { readonly [Key in `${ScalarOp}:${ComputeType}`]?: Template } = {
  "not:bool": (a) => `${a} ^ 1`,
  "mul:i32": (a, b) => `Math.imul(${a}, ${b})`,
  "mul:u32": (a, b) => `Math.imul(${a}, ${b})`,
  "div:i32": (a, b) => `(${b} === 0 ? 0 : Math.trunc(${a} / ${b}))`,
  "div:u32": (a, b) => `(${b} === 0 ? 0 : Math.trunc(${a} / ${b}))`,
  "rem:i32": (a, b) => `(${b} === 0 ? 0 : ${a} % ${b})`,
  "rem:u32": (a, b) => `(${b} === 0 ? 0 : ${a} % ${b})`,
  "shiftRight:u32": (a, b) => `${a} >>> ${b}`,
};

function wrap(text: string, type: ComputeType): string {
  if (type === "f32") return `Math.fround(${text})`;
  return type === "i32" ? `(${text}) | 0` : `(${text}) >>> 0`;
}

function cast(value: string, from: ComputeType, to: ComputeType): string {
  if (to === "bool") return `+(${value} !== 0)`;
  if (to === "f32") return `Math.fround(${value})`;
  if (from !== "f32") return wrap(value, to);
  const [low, high] = to === "i32" ? ["-2147483648", "2147483647"] : ["0", "4294967295"];
  return `(${value} !== ${value} ? 0 : Math.min(Math.max(Math.trunc(${value}), ${low}), ${high}))`;
}

export type Evaluate = (
  load: (slot: number) => number,
  coordinate: (axis: number) => number,
  scalars: readonly number[],
) => number[];

const compiled = new Map<string, Evaluate & { readonly source: string }>();

/** A function from one element's inputs to its outputs, compiled once per program. */
export function compile(program: Program): Evaluate & { readonly source: string } {
  const known = compiled.get(program.key);
  if (known) return known;
  const lines = program.instructions.map((instruction, i) => {
    const { op, type } = instruction;
    switch (op) {
      case "input":
        return `const r${i} = load(${instruction.slot});`;
      case "scalar":
        return `const r${i} = ${cast(`scalars[${instruction.slot}]`, "f32", type)};`;
      case "index":
        return `const r${i} = coordinate(${instruction.axis});`;
      case "cast": {
        const [source] = instruction.args;
        return `const r${i} = ${cast(`r${source}`, program.instructions[source]!.type, type)};`;
      }
      default: {
        const names = instruction.args.map((arg) => `r${arg}`) as [string, string, string];
        const argument = program.instructions[instruction.args.at(-1)!]!.type;
        const template = special[`${op}:${argument}`] ?? templates[op];
        return `const r${i} = ${wrap(template(...names), type)};`;
      }
    }
  });
  const results = program.outputs.map(({ register }) => `r${register}`).join(", ");
  const source = `(load, coordinate, scalars) => {\n${lines.join("\n")}\nreturn [${results}];\n}`;
  const evaluate = Object.assign(
    new Function("support", `return ${source};`)(support) as Evaluate,
    { source },
  );
  compiled.set(program.key, evaluate);
  return evaluate;
}

const support = {
  /** One NaN: which of its many bit patterns % gives depends on how far the engine has optimised. */
  remainder(a: number, b: number): number {
    const rest = a % b;
    return rest !== rest ? NaN : rest;
  },
  roundHalfEven(x: number): number {
    const rounded = Math.round(x);
    const halfway = Math.abs(x - Math.trunc(x)) === 0.5;
    return halfway && rounded % 2 !== 0 ? rounded - 1 : rounded === 0 && x < 0 ? -0 : rounded;
  },
  /** Series near 0, continued fraction of erfc beyond. */
  erf(x: number): number {
    const a = Math.abs(x);
    if (!(a < 6)) return a !== a ? NaN : Math.sign(x);
    let value = 0;
    if (a < 2.5) {
      let term = a;
      for (let n = 0; n < 100; n++) {
        value += term / (2 * n + 1);
        term *= -(a * a) / (n + 1);
      }
      value *= 2 / Math.sqrt(Math.PI);
    } else {
      for (let n = 60; n > 0; n--) value = n / 2 / (a + value);
      value = 1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + value);
    }
    return x < 0 ? -value : value;
  },
};
