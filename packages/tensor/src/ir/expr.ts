// Expressions: the lazy form of elementwise work. A tensor that has not been computed yet holds an
// expression whose leaves are views of computed tensors. Nodes are immutable and shared, so recording an
// op is one small object; `toProgram` flattens the graph once, when somebody needs the value.

import { computeType, type ComputeType, type DType } from "../dtype.ts";
import type { Instruction, Program } from "./program.ts";
import { isHeavy, resultType, type ScalarOp } from "./scalar-traits.ts";

export interface Expr<Leaf = unknown> {
  readonly op: Instruction["op"];
  readonly args: readonly Expr<Leaf>[];
  readonly type: ComputeType;
  /** Nodes below and including this one, counting shared ones again: an upper bound that costs nothing. */
  readonly size: number;
  /** Leaves below, counted the same way. */
  readonly leafCount: number;
  /** Whether computing it twice costs more than reading it from memory. */
  readonly heavy: boolean;
  readonly usesIndex: boolean;
  /** For `input`: the view it reads, and its storage dtype. */
  readonly leaf?: Leaf;
  readonly dtype?: DType;
  /** For `scalar`: its value. For `index`: the axis, counted from the end. */
  readonly value?: number;
}

const none: readonly never[] = [];

export function leafExpr<Leaf>(leaf: Leaf, dtype: DType): Expr<Leaf> {
  const type = computeType(dtype);
  return {
    op: "input",
    args: none,
    type,
    size: 1,
    leafCount: 1,
    heavy: false,
    usesIndex: false,
    leaf,
    dtype,
  };
}

/** A number that may differ from call to call without another kernel being compiled. */
export function scalarExpr(value: number, type: ComputeType): Expr<never> {
  return {
    op: "scalar",
    args: none,
    type,
    size: 1,
    leafCount: 0,
    heavy: false,
    usesIndex: false,
    value,
  };
}

/** The coordinate along `axis` (negative, from the end) of the shape the expression is computed on. */
export function indexExpr(axis: number): Expr<never> {
  return {
    op: "index",
    args: none,
    type: "i32",
    size: 1,
    leafCount: 0,
    heavy: false,
    usesIndex: true,
    value: axis,
  };
}

export function castExpr<Leaf>(x: Expr<Leaf>, type: ComputeType): Expr<Leaf> {
  if (x.type === type) return x;
  return { ...combine([x]), op: "cast", args: [x], type };
}

export function opExpr<Leaf>(op: ScalarOp, ...args: Expr<Leaf>[]): Expr<Leaf> {
  const merged = combine(args);
  return {
    ...merged,
    heavy: merged.heavy || isHeavy(op),
    op,
    args,
    type: resultType(op, args[args.length - 1]!.type),
  };
}

function combine<Leaf>(args: readonly Expr<Leaf>[]) {
  let size = 1;
  let leafCount = 0;
  let heavy = false;
  let usesIndex = false;
  for (const arg of args) {
    size += arg.size;
    leafCount += arg.leafCount;
    heavy ||= arg.heavy;
    usesIndex ||= arg.usesIndex;
  }
  return { size, leafCount, heavy, usesIndex };
}

/**
 * Flattens expressions (one per output) into a program, the leaves it reads (each once) and the scalars.
 * Shared nodes become one instruction.
 */
export function toProgram<Leaf>(
  roots: readonly Expr<Leaf>[],
  outputs: readonly DType[],
): { program: Program; leaves: Leaf[]; scalars: number[] } {
  const instructions: Instruction[] = [];
  const inputs: DType[] = [];
  const leaves: Leaf[] = [];
  const scalars: number[] = [];
  const registers = new Map<Expr<Leaf>, number>();
  const leafRegisters = new Map<Leaf, number>();
  const key: string[] = [];
  let usesIndex = false;

  const emit = (instruction: Instruction, text: string): number => {
    key.push(text);
    return instructions.push(instruction) - 1;
  };
  const visit = (node: Expr<Leaf>): number => {
    const known = registers.get(node);
    if (known !== undefined) return known;
    let register: number;
    const { type } = node;
    if (node.op === "input") {
      const leaf = node.leaf as Leaf;
      register = leafRegisters.get(leaf) ?? -1;
      if (register < 0) {
        const slot = leaves.push(leaf) - 1;
        inputs.push(node.dtype!);
        register = emit({ op: "input", slot, type }, `i:${node.dtype}`);
        leafRegisters.set(leaf, register);
      }
    } else if (node.op === "scalar") {
      const slot = scalars.push(node.value!) - 1;
      register = emit({ op: "scalar", slot, type }, `s:${type}`);
    } else if (node.op === "index") {
      usesIndex = true;
      register = emit({ op: "index", axis: node.value!, type: "i32" }, `x${node.value}`);
    } else {
      const args = node.args.map(visit);
      const instruction = { op: node.op, args, type } as Instruction;
      register = emit(instruction, `${node.op}:${type}(${args.join()})`);
    }
    registers.set(node, register);
    return register;
  };

  const stores = roots.map((root, i) => ({ register: visit(root), dtype: outputs[i]! }));
  key.push("->", ...stores.map((s) => `${s.register}:${s.dtype}`));
  const program: Program = {
    key: key.join(";"),
    instructions,
    inputs,
    scalarCount: scalars.length,
    outputs: stores,
    usesIndex,
  };
  return { program, leaves, scalars };
}
