// The WGSL printer of the expression IR: a program becomes one `let` an instruction.

import type { ComputeType, Program } from "@sixtyone/tensor/backend";
import type { MathName } from "./math.ts";
import { castText, scalarText } from "./scalars.ts";
import { isHalf } from "./storage.ts";

export interface PrintedProgram {
  readonly lines: string;
  /** The register of each output. */
  readonly outputs: readonly string[];
  /** What the lines call. */
  readonly needs: Set<MathName>;
  readonly hasHalves: boolean;
  /** "s0:f32" and so on, as shader parameters. */
  readonly scalars: readonly string[];
}

/** `load(slot)` and `coordinate(axis)` give WGSL expressions. */
export function printProgram(
  { instructions, inputs, outputs }: Program,
  load: (slot: number) => string,
  coordinate: (axis: number) => string,
): PrintedProgram {
  const needs = new Set<MathName>();
  const scalars: string[] = [];
  const lines = instructions.map((instruction, i): string => {
    const { type } = instruction;
    switch (instruction.op) {
      case "input":
        return `let r${i} = ${load(instruction.slot)};`;
      case "scalar": {
        const { slot } = instruction;
        scalars[slot] = `s${slot}:${type === "bool" ? "u32" : type}`;
        return `let r${i} = ${type === "bool" ? `(P.s${slot} != 0u)` : `P.s${slot}`};`;
      }
      case "index":
        return `let r${i} = i32(${coordinate(instruction.axis)});`;
      case "cast": {
        const [source] = instruction.args;
        return `let r${i} = ${castText(instructions[source]!.type, type, `r${source}`, needs)};`;
      }
      default: {
        const { args, op } = instruction;
        const last: ComputeType = instructions[args[args.length - 1]!]!.type;
        const names = args.map((arg) => `r${arg}`);
        return `let r${i} = ${scalarText(op, last, names, needs)};`;
      }
    }
  });
  const hasHalves = [...inputs, ...outputs.map(({ dtype }) => dtype)].some(isHalf);
  return {
    lines: lines.map((line) => `    ${line}`).join("\n"),
    outputs: outputs.map(({ register }) => `r${register}`),
    needs,
    hasHalves,
    scalars,
  };
}

/** Scalars as the numbers their parameters take. */
export function scalarValues(program: Program, scalars: readonly number[]): number[] {
  const values: number[] = [];
  for (const instruction of program.instructions) {
    if (instruction.op !== "scalar") continue;
    values[instruction.slot] = convert(scalars[instruction.slot]!, instruction.type);
  }
  return values;
}

function convert(value: number, type: ComputeType): number {
  if (type === "bool") return value !== 0 ? 1 : 0;
  if (type === "f32") return value;
  if (value !== value) return 0;
  const [low, high] = type === "i32" ? [-2147483648, 2147483647] : [0, 4294967295];
  return Math.min(Math.max(Math.trunc(value), low), high) | 0;
}
