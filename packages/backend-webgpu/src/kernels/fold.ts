// The operations of reductions and scans, as WGSL and as numbers.

import type { ComputeType, ReduceOp } from "@sixtyone/tensor/backend";
import type { MathName } from "../wgsl/math.ts";

export type FoldType = Exclude<ComputeType, "bool">;

export function foldType(type: ComputeType): FoldType {
  return type === "bool" ? "u32" : type;
}

/** Combines two values. */
export function foldText(op: ReduceOp, type: FoldType, a: string, b: string): string {
  if (op === "sum") return `(${a} + ${b})`;
  if (op === "prod") return `(${a} * ${b})`;
  return type === "f32" ? `${op}F(${a}, ${b})` : `${op}(${a}, ${b})`;
}

export function foldNeeds(op: ReduceOp, type: FoldType): MathName[] {
  if (type !== "f32") return [];
  if (op === "max") return ["special", "maxF"];
  return op === "min" ? ["special", "minF"] : ["special"];
}

/** The identity: integers have no infinity, they have a last value. */
export function identityText(op: ReduceOp, type: FoldType): string {
  if (op === "sum" || op === "prod") return `${type}(${op === "sum" ? 0 : 1})`;
  if (type === "f32") return op === "max" ? "-infinity()" : "infinity()";
  if (type === "i32") return op === "max" ? "(i32(-2147483647) - 1)" : "2147483647i";
  return op === "max" ? "0u" : "4294967295u";
}
