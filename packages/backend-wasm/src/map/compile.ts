// Compiles a program of the expression IR to bytecode of the block machine. Values get entries: inputs,
// then index pseudo-inputs, then one per output, then scalars, then temporaries, which are reused once
// the value they hold was read for the last time. A negation that only feeds a sum makes it a difference, a
// product that only feeds one `mulAdd`, a sigmoid that only scales another value `mulSigmoid`.

import { isHeavy, type ComputeType, type Program } from "@sixtyone/tensor/backend";
import { castOpcode, opcodeNumber, scalarOpcode, type Opcode } from "./opcodes.ts";

export interface Compiled {
  /** Five words an instruction: opcode, then the entries (as byte offsets) of d, a, b, c. */
  readonly code: Int32Array;
  readonly count: number;
  /** Axes (from the end) of the index pseudo-inputs that follow the inputs. */
  readonly indexAxes: readonly number[];
  readonly scalarTypes: readonly ComputeType[];
  readonly registers: number;
  /** The entry that holds the first output's value, in bytes (for reductions). */
  readonly valueEntry: number;
  /** About what one thread takes, to decide whether a launch is worth sharing. */
  readonly nanosecondsPerElement: number;
}

const maxEntries = 512;

interface Node {
  opcode: Opcode;
  args: readonly number[];
}

const isFloatOp = (node: Node | undefined, opcode: Opcode): boolean => node?.opcode === opcode;

/** `forReduce`: the single output is not stored, so an input may be the value itself. */
export function compile(program: Program, forReduce: boolean): Compiled {
  const { instructions, inputs } = program;
  const nodes: (Node | undefined)[] = [];
  const alias = instructions.map((_, i) => i); // conversions that keep the bits
  const resolve = (i: number): number => alias[i]!;
  const indexAxes: number[] = [];
  const scalarTypes: ComputeType[] = Array.from({ length: program.scalarCount }, () => "f32");
  const fixedEntry = new Map<number, { kind: "view" | "scalar"; index: number }>();

  instructions.forEach((instruction, i) => {
    if (instruction.op === "input") {
      fixedEntry.set(i, { kind: "view", index: instruction.slot });
    } else if (instruction.op === "index") {
      fixedEntry.set(i, {
        kind: "view",
        index: inputs.length + indexAxes.push(instruction.axis) - 1,
      });
    } else if (instruction.op === "scalar") {
      scalarTypes[instruction.slot] = instruction.type;
      fixedEntry.set(i, { kind: "scalar", index: instruction.slot });
    } else if (instruction.op === "cast") {
      const source = instruction.args[0];
      const opcode = castOpcode(instructions[source]!.type, instruction.type);
      if (opcode) nodes[i] = { opcode, args: [resolve(source)] };
      else alias[i] = resolve(source);
    } else {
      const type = instructions[instruction.args[instruction.args.length - 1]!]!.type;
      nodes[i] = {
        opcode: scalarOpcode(instruction.op, type),
        args: instruction.args.map(resolve),
      };
    }
  });
  const roots = program.outputs.map((output) => resolve(output.register));
  fuseNegations(nodes, roots);
  fuseProducts(nodes, roots);
  fuseGates(nodes, roots);
  return allocate(program, nodes, roots, fixedEntry, indexAxes, scalarTypes, forReduce);
}

function countUses(nodes: readonly (Node | undefined)[], roots: readonly number[]): number[] {
  const uses = Array.from({ length: nodes.length }, () => 0);
  for (const node of nodes) node?.args.forEach((arg) => (uses[arg] = (uses[arg] ?? 0) + 1));
  for (const root of roots) uses[root] = (uses[root] ?? 0) + 1;
  return uses;
}

/** a + (−b) is a − b, as in the 1 − s of gradients. */
function fuseNegations(nodes: (Node | undefined)[], roots: readonly number[]): void {
  const uses = countUses(nodes, roots);
  for (const node of nodes) {
    if (!node || node.opcode !== "add.f32") continue;
    const [left, right] = node.args as [number, number];
    const isLoneNegation = (i: number): boolean => uses[i] === 1 && isFloatOp(nodes[i], "neg.f32");
    const negation = isLoneNegation(right) ? right : isLoneNegation(left) ? left : -1;
    if (negation < 0) continue;
    node.opcode = "sub.f32";
    node.args = [negation === right ? left : right, nodes[negation]!.args[0]!];
    nodes[negation] = undefined;
  }
}

function fuseProducts(nodes: (Node | undefined)[], roots: readonly number[]): void {
  const uses = countUses(nodes, roots);
  const isLoneProduct = (i: number): boolean => uses[i] === 1 && isFloatOp(nodes[i], "mul.f32");
  for (const node of nodes) {
    if (!node || (node.opcode !== "add.f32" && node.opcode !== "sub.f32")) continue;
    const [left, right] = node.args as [number, number];
    const product = isLoneProduct(left) ? left : isLoneProduct(right) ? right : -1;
    if (product < 0) continue;
    const other = product === left ? right : left;
    if (node.opcode === "add.f32") node.opcode = "mulAdd";
    else node.opcode = product === left ? "mulSub" : "negMulAdd";
    node.args = [...nodes[product]!.args, other];
    nodes[product] = undefined;
  }
}

/** x · sigmoid(y), as in SiLU and SwiGLU. */
function fuseGates(nodes: (Node | undefined)[], roots: readonly number[]): void {
  const uses = countUses(nodes, roots);
  for (const node of nodes) {
    if (!node || node.opcode !== "mul.f32") continue;
    const [left, right] = node.args as [number, number];
    const isGate = (i: number): boolean => uses[i] === 1 && isFloatOp(nodes[i], "sigmoid");
    const gate = isGate(right) ? right : isGate(left) ? left : -1;
    if (gate < 0) continue;
    node.opcode = "mulSigmoid";
    node.args = [gate === right ? left : right, nodes[gate]!.args[0]!];
    nodes[gate] = undefined;
  }
}

function allocate(
  program: Program,
  nodes: readonly (Node | undefined)[],
  roots: readonly number[],
  fixedEntry: ReadonlyMap<number, { kind: "view" | "scalar"; index: number }>,
  indexAxes: readonly number[],
  scalarTypes: readonly ComputeType[],
  forReduce: boolean,
): Compiled {
  const views = program.inputs.length + indexAxes.length;
  const outputs = roots.length;
  const firstRegister = views + outputs + program.scalarCount;
  const lastUse = new Map<number, number>();
  nodes.forEach((node, i) => node?.args.forEach((arg) => lastUse.set(arg, i)));

  const entries: number[] = [];
  for (const [i, { kind, index }] of fixedEntry) {
    entries[i] = kind === "view" ? index : views + outputs + index;
  }
  // An output's value is computed right into its entry; a second output of the same value is copied.
  const outputOf = new Map<number, number>();
  roots.forEach((root, i) => {
    if (nodes[root] && !outputOf.has(root)) outputOf.set(root, views + i);
  });
  const code: number[] = [];
  const free: number[] = [];
  let registers = 0;
  nodes.forEach((node, i) => {
    if (!node) return;
    const args = node.args.map((arg) => entries[arg]!);
    // An argument read here for the last time may give its block to the result.
    for (const arg of new Set(node.args)) {
      if (lastUse.get(arg) === i && entries[arg]! >= firstRegister) free.push(entries[arg]!);
    }
    entries[i] = outputOf.get(i) ?? free.pop() ?? firstRegister + registers++;
    emit(code, node.opcode, entries[i]!, args);
  });
  roots.forEach((root, i) => {
    const entry = entries[root]!;
    const inPlace = entry === views + i || (forReduce && fixedEntry.get(root)?.kind === "view");
    if (!inPlace) emit(code, "copy", views + i, [entry]);
  });
  if (firstRegister + registers > maxEntries) {
    throw new Error(
      `wasm: a program of ${nodes.length} instructions needs more than ${maxEntries} values`,
    );
  }
  const isView = forReduce && fixedEntry.get(roots[0]!)?.kind === "view";
  return {
    code: Int32Array.from(code),
    count: code.length / 5,
    indexAxes,
    scalarTypes,
    registers,
    valueEntry: (isView ? entries[roots[0]!]! : views) * 8,
    nanosecondsPerElement: nanosecondsOf(program),
  };
}

function nanosecondsOf({ instructions, inputs, outputs }: Program): number {
  let total = 0.15 * (inputs.length + outputs.length);
  for (const { op } of instructions) {
    if (op === "input" || op === "scalar" || op === "index") continue;
    const heavy = op !== "cast" && isHeavy(op);
    total += heavy ? 1 : 0.15;
  }
  return total;
}

function emit(code: number[], opcode: Opcode, to: number, args: readonly number[]): void {
  code.push(opcodeNumber(opcode), to * 8, ...[0, 1, 2].map((i) => (args[i] ?? 0) * 8));
}

/** A scalar as the word a register of `type` holds. */
export function scalarWord(value: number, type: ComputeType): number {
  if (type === "bool") return value !== 0 ? 1 : 0;
  if (type === "f32") return floatBits(value);
  if (value !== value) return 0;
  const [low, high] = type === "i32" ? [-2147483648, 2147483647] : [0, 4294967295];
  return Math.min(Math.max(Math.trunc(value), low), high) | 0;
}

const float = new Float32Array(1);
const word = new Int32Array(float.buffer);

export function floatBits(value: number): number {
  float[0] = value;
  return word[0]!;
}
