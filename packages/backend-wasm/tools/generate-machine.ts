// Writes assembly/generated/machine.ts: one loop function per opcode of the block machine, and the
// dispatcher. A loop per opcode is dull to write by hand seventy times and must agree with the opcode
// numbers that the TypeScript side uses; here both come from `opcodes`.

import { opcodes, type Opcode } from "../src/map/opcodes.ts";

/** An AssemblyScript expression over the vectors x, y, z, or (in `lane`) over scalars p, q of type `type`. */
type Body =
  | { readonly arity: 1 | 2 | 3; readonly vector: string }
  /** A loop written by hand, where the constants must stay in registers. */
  | { readonly arity: 1 | 2; readonly loop: string }
  | { readonly arity: 2; readonly lane: string; readonly type: "f32" | "i32" | "u32" };

const unary = (vector: string): Body => ({ arity: 1, vector });
const binary = (vector: string): Body => ({ arity: 2, vector });
const ternary = (vector: string): Body => ({ arity: 3, vector });
const bool = (mask: string): string => `v128.and(${mask}, i32x4.splat(1))`;
const lanes = (type: "f32" | "i32" | "u32", lane: string): Body => ({ arity: 2, type, lane });

const bodies: { readonly [O in Opcode]: Body } = {
  copy: unary("x"),
  "copy.i32": unary("x"),
  "neg.f32": unary("f32x4.neg(x)"),
  "neg.i32": unary("i32x4.neg(x)"),
  "abs.f32": unary("f32x4.abs(x)"),
  "abs.i32": unary("i32x4.abs(x)"),
  "sign.f32": unary("signF32(x)"),
  "sign.i32": unary("i32x4.min_s(i32x4.max_s(x, i32x4.splat(-1)), i32x4.splat(1))"),
  "sign.u32": unary("i32x4.min_u(x, i32x4.splat(1))"),
  floor: unary("f32x4.floor(x)"),
  ceil: unary("f32x4.ceil(x)"),
  round: unary("f32x4.nearest(x)"),
  trunc: unary("f32x4.trunc(x)"),
  sqrt: unary("f32x4.sqrt(x)"),
  rsqrt: unary("f32x4.div(f32x4.splat(1), f32x4.sqrt(x))"),
  reciprocal: unary("f32x4.div(f32x4.splat(1), x)"),
  exp: { arity: 1, loop: "expLoop" },
  log: unary("log4(x)"),
  sin: unary("sin4(x)"),
  cos: unary("cos4(x)"),
  atan: unary("atan4(x)"),
  tanh: { arity: 1, loop: "tanhLoop" },
  erf: { arity: 1, loop: "erfLoop" },
  sigmoid: { arity: 1, loop: "sigmoidLoop" },
  isNaN: unary(bool("f32x4.ne(x, x)")),
  "not.bool": unary("v128.xor(x, i32x4.splat(1))"),
  "not.i32": unary("v128.not(x)"),
  "add.f32": binary("f32x4.add(x, y)"),
  "add.i32": binary("i32x4.add(x, y)"),
  "sub.f32": binary("f32x4.sub(x, y)"),
  "sub.i32": binary("i32x4.sub(x, y)"),
  "mul.f32": binary("f32x4.mul(x, y)"),
  "mul.i32": binary("i32x4.mul(x, y)"),
  "div.f32": binary("f32x4.div(x, y)"),
  "div.i32": lanes("i32", "q == 0 ? 0 : q == -1 ? 0 - p : p / q"),
  "div.u32": lanes("u32", "q == 0 ? 0 : p / q"),
  "rem.f32": lanes("f32", "p % q"),
  "rem.i32": lanes("i32", "q == 0 || q == -1 ? 0 : p % q"),
  "rem.u32": lanes("u32", "q == 0 ? 0 : p % q"),
  pow: binary("pow4(x, y)"),
  "min.f32": binary("f32x4.min(x, y)"),
  "min.i32": binary("i32x4.min_s(x, y)"),
  "min.u32": binary("i32x4.min_u(x, y)"),
  "max.f32": binary("f32x4.max(x, y)"),
  "max.i32": binary("i32x4.max_s(x, y)"),
  "max.u32": binary("i32x4.max_u(x, y)"),
  "eq.f32": binary(bool("f32x4.eq(x, y)")),
  "eq.i32": binary(bool("i32x4.eq(x, y)")),
  "ne.f32": binary(bool("f32x4.ne(x, y)")),
  "ne.i32": binary(bool("i32x4.ne(x, y)")),
  "lt.f32": binary(bool("f32x4.lt(x, y)")),
  "lt.i32": binary(bool("i32x4.lt_s(x, y)")),
  "lt.u32": binary(bool("i32x4.lt_u(x, y)")),
  "le.f32": binary(bool("f32x4.le(x, y)")),
  "le.i32": binary(bool("i32x4.le_s(x, y)")),
  "le.u32": binary(bool("i32x4.le_u(x, y)")),
  and: binary("v128.and(x, y)"),
  or: binary("v128.or(x, y)"),
  xor: binary("v128.xor(x, y)"),
  // WebAssembly shifts all lanes by one count, so counts that vary go lane by lane.
  shiftLeft: lanes("i32", "p << (q & 31)"),
  "shiftRight.i32": lanes("i32", "p >> (q & 31)"),
  "shiftRight.u32": lanes("u32", "p >> (q & 31)"),
  select: ternary("v128.bitselect(y, z, i32x4.neg(x))"),
  "f32.i32": unary("i32x4.trunc_sat_f32x4_s(x)"),
  "f32.u32": unary("i32x4.trunc_sat_f32x4_u(x)"),
  "i32.f32": unary("f32x4.convert_i32x4_s(x)"),
  "u32.f32": unary("f32x4.convert_i32x4_u(x)"),
  "f32.bool": unary(bool("f32x4.ne(x, f32x4.splat(0))")),
  "i32.bool": unary(bool("i32x4.ne(x, i32x4.splat(0))")),
  mulAdd: ternary("madd(x, y, z)"),
  mulSub: ternary("madd(x, y, f32x4.neg(z))"),
  negMulAdd: ternary("nmadd(x, y, z)"),
  mulSigmoid: { arity: 2, loop: "gateLoop" },
};

/**
 * Two vectors a turn: blocks are padded to eight elements, so there is no remainder. Both are computed
 * before either is stored, so that the compiler may load a constant once for the two.
 */
function vectorLoop(name: string, arity: number, vector: string): string {
  const names = ["a", "b", "c"].slice(0, arity);
  const operands = ["x", "y", "z"].slice(0, arity);
  const first = operands.map((v, i) => `    const ${v} = v128.load(${names[i]});`);
  const second = operands.map((v, i) => `    const ${v}2 = v128.load(${names[i]} + s${names[i]});`);
  return `export function ${name}(d: usize, n: i32, ${names.map((n) => `${n}: usize, s${n}: usize`).join(", ")}): void {
  const end = d + (n << 2);
  do {
${[...first, ...second].join("\n")}
    const r = ${vector}, r2 = ${vector.replace(/\b([xyz])\b/g, "$12")};
    v128.store(d, r);
    v128.store(d, r2, 16);
${names.map((n) => `    ${n} += s${n} << 1;`).join("\n")}
    d += 32;
  } while (d < end);
}
`;
}

/** A step of 0 repeats one vector, so the lane must repeat with it. */
function laneLoop(name: string, type: string, lane: string): string {
  const cast = type === "f32" ? "" : `<${type}>`;
  return `export function ${name}(d: usize, n: i32, a: usize, sa: usize, b: usize, sb: usize): void {
  for (let i: usize = 0; i < <usize>(n << 2); i += 4) {
    const p = ${cast}load<${type}>(a + (sa ? i : 0)), q = ${cast}load<${type}>(b + (sb ? i : 0));
    store<${type}>(d + i, ${lane});
  }
}
`;
}

function identifier(opcode: Opcode): string {
  const body = bodies[opcode];
  return "loop" in body ? body.loop : `op_${opcode.replace(".", "_")}`;
}

export function generateMachine(): string {
  const loops = opcodes.flatMap((opcode) => {
    const body = bodies[opcode];
    if ("loop" in body) return [];
    return "lane" in body
      ? laneLoop(identifier(opcode), body.type, body.lane)
      : vectorLoop(identifier(opcode), body.arity, body.vector);
  });
  const operands = ["a, sa", "b, sb", "c, sc"];
  const cases = opcodes.map((opcode, i) => {
    const args = operands.slice(0, bodies[opcode].arity).join(", ");
    return `      case ${i}: ${identifier(opcode)}(d, n, ${args}); break;`;
  });
  return `// Generated by tools/generate-machine.ts. Do not edit.
import { madd, nmadd, signF32 } from "../simd";
import { expLoop } from "../math/exp";
import { log4 } from "../math/log";
import { sin4, cos4 } from "../math/trigonometric";
import { atan4 } from "../math/atan";
import { gateLoop, sigmoidLoop, tanhLoop } from "../math/hyperbolic";
import { erfLoop } from "../math/erf";
import { pow4 } from "../math/pow";

${loops.join("\n")}
/** Runs \`count\` instructions of five words (opcode, then entries of d, a, b, c) on n elements. */
export function execute(code: usize, count: i32, entries: usize, n: i32): void {
  const last = code + <usize>count * 20;
  for (; code < last; code += 20) {
    const d = load<usize>(entries + load<usize>(code, 4));
    let e = entries + load<usize>(code, 8);
    const a = load<usize>(e), sa = load<usize>(e, 4);
    e = entries + load<usize>(code, 12);
    const b = load<usize>(e), sb = load<usize>(e, 4);
    e = entries + load<usize>(code, 16);
    const c = load<usize>(e), sc = load<usize>(e, 4);
    switch (load<i32>(code)) {
${cases.join("\n")}
    }
  }
}
`;
}
