// Operands of a test case: what numbers, which dtype, and how they lie in memory. The layout is made with
// view ops from a contiguous leaf, so the same function runs on the backend and on the oracle, and the
// gradient of the leaf checks the view's gradient too.

import { tensor, type Device, type DType, type Shape, type Tensor } from "@sixtyone/tensor";
import { sizeOf } from "@sixtyone/tensor/backend";
import { randomSource, randomValues, type Values } from "./random-values.ts";

/** How an operand lies in memory. Anything but "contiguous" needs at least one axis. */
export type Layout =
  | "contiguous"
  /** Axes reversed: column-major. */
  | "transposed"
  /** Every axis backwards: negative strides, an offset. */
  | "flipped"
  /** Every second element of a longer last axis. */
  | "stepped"
  /** A window in the middle of a longer first axis. */
  | "window"
  /** The first axis repeats one element: stride 0. */
  | "repeated";

export const layouts: readonly Layout[] = [
  "contiguous",
  "transposed",
  "flipped",
  "stepped",
  "window",
  "repeated",
];

export interface Operand {
  readonly shape: Shape;
  /** Default f32. */
  readonly dtype?: DType;
  /** Default standard normal; for integers −9..9, for bool 0 and 1. */
  readonly values?: Values;
  readonly layout?: Layout;
  /** Indices, targets, offsets: their dtype is part of the op, and they have no gradient. */
  readonly fixed?: boolean;
}

export function operandDType({ dtype = "f32" }: Operand): DType {
  return dtype;
}

/** The numbers of the leaf, row-major, already what the dtype can hold. */
export function leafValues(operand: Operand, seed: number): number[] {
  const dtype = operandDType(operand);
  const values = operand.values ?? defaultValues(dtype);
  const raw = randomValues(values, sizeOf(leafShape(operand)), randomSource(seed));
  if (dtype === "i32") return raw.map((x) => Math.trunc(x) | 0);
  if (dtype === "u32") return raw.map((x) => Math.abs(Math.trunc(x)) >>> 0);
  if (dtype === "bool") return raw.map((x) => (x > 0 ? 1 : 0));
  return raw.map(Math.fround);
}

function defaultValues(dtype: DType): Values {
  if (dtype === "i32") return { kind: "integers", low: -9, high: 9 };
  if (dtype === "u32") return { kind: "integers", low: 0, high: 9 };
  if (dtype === "bool") return { kind: "integers", low: 0, high: 1 };
  return { kind: "normal" };
}

export function leafShape({ shape, layout = "contiguous" }: Operand): Shape {
  if (shape.length === 0) return shape;
  const last = shape.length - 1;
  switch (layout) {
    case "transposed":
      return [...shape].reverse();
    case "stepped":
      return shape.map((dim, axis) => (axis === last ? 2 * dim + 1 : dim));
    case "window":
      return shape.map((dim, axis) => (axis === 0 ? dim + 3 : dim));
    case "repeated":
      return shape.map((dim, axis) => (axis === 0 ? Math.min(dim, 1) : dim));
    case "contiguous":
    case "flipped":
      return shape;
  }
}

export function createLeaf(device: Device, operand: Operand, values: readonly number[]): Tensor {
  const dtype = operandDType(operand);
  const flat = dtype === "i32" ? Int32Array.from(values) : Uint32Array.from(values);
  const isInteger = dtype === "i32" || dtype === "u32" || dtype === "bool";
  const data = isInteger ? flat : Float32Array.from(values);
  return tensor(device, data, { dtype, shape: leafShape(operand) });
}

/** The operand as the op sees it. */
export function viewLeaf({ shape, layout = "contiguous" }: Operand, leaf: Tensor): Tensor {
  if (shape.length === 0) return leaf;
  const axes = shape.map((_, axis) => axis);
  switch (layout) {
    case "contiguous":
      return leaf;
    case "transposed":
      return leaf.permute(axes.reverse());
    case "flipped":
      return leaf.flip(axes);
    case "stepped":
      return leaf.slice(axes.map((a) => (a === shape.length - 1 ? { start: 1, step: 2 } : null)));
    case "window":
      return leaf.narrow(0, 2, shape[0]!);
    case "repeated":
      return leaf.expand(shape);
  }
}

export function describeOperand(operand: Operand): string {
  const { shape, layout = "contiguous" } = operand;
  return `${operandDType(operand)}[${shape.join(",")}]${layout === "contiguous" ? "" : ` ${layout}`}`;
}
