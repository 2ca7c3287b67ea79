// Shapes, strides and the arithmetic on them. Pure functions on arrays of integers; everything is in
// elements, never in bytes. A stride of 0 repeats (broadcast), a negative one walks backwards (flip).

import { ShapeError } from "./errors.ts";

export type Shape = readonly number[];

export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const dim of shape) size *= dim;
  return size;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** Row-major strides. */
export function contiguousStrides(shape: Shape): number[] {
  // Every op comes through here, and `map` takes V8 a tenth of the time of Array.from({ length }).
  const strides = shape.map(() => 1);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i]!;
  }
  return strides;
}

export function isContiguous(shape: Shape, strides: readonly number[]): boolean {
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== stride) return false;
    stride *= shape[i]!;
  }
  return true;
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

export function assertShape(op: string, shape: Shape): void {
  for (const dim of shape) {
    if (!Number.isInteger(dim) || dim < 0) {
      throw new ShapeError(
        `${op}: a shape is a list of integers ≥ 0, got ${formatShape(shape)}. Check the dimension ${dim}.`,
      );
    }
  }
}

/** NumPy's rule: align right, a dimension of 1 stretches. */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const out = Array.from<number>({ length: rank });
  for (let i = 1; i <= rank; i++) {
    const x = a[a.length - i] ?? 1;
    const y = b[b.length - i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) {
      throw new ShapeError(
        `${op}: shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast: ` +
          `axis ${-i} is ${x} against ${y}. They must be equal, or one of them 1.`,
      );
    }
    out[rank - i] = x === 1 ? y : x;
  }
  return out;
}

/** Strides of a view of `shape` seen as the larger `target` shape (0 where it repeats). */
export function broadcastStrides(
  op: string,
  shape: Shape,
  strides: readonly number[],
  target: Shape,
): number[] {
  const lead = target.length - shape.length;
  const out = target.map(() => 0);
  for (let i = 0; i < shape.length; i++) {
    const dim = shape[i]!;
    if (lead + i < 0 || (dim !== target[lead + i] && dim !== 1)) {
      throw new ShapeError(
        `${op}: ${formatShape(shape)} does not broadcast to ${formatShape(target)}. ` +
          `Every dimension must be equal or 1, aligned from the right.`,
      );
    }
    out[lead + i] = dim === 1 ? 0 : strides[i]!;
  }
  return out;
}

/** Turns −rank..rank−1 into 0..rank−1. */
export function normalizeAxis(op: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new ShapeError(
      `${op}: axis ${axis} is outside a tensor of rank ${rank}. Use ${-rank}..${rank - 1}.`,
    );
  }
  return axis < 0 ? axis + rank : axis;
}

/** Normalises, sorts and checks a list of axes; `undefined` means all. */
export function normalizeAxes(
  op: string,
  axes: number | readonly number[] | undefined,
  rank: number,
): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, i) => i);
  const list = (typeof axes === "number" ? [axes] : axes).map((a) => normalizeAxis(op, a, rank));
  const sorted = [...new Set(list)].sort((a, b) => a - b);
  if (sorted.length !== list.length) {
    throw new ShapeError(
      `${op}: axes ${JSON.stringify(axes)} name one axis twice. List each once.`,
    );
  }
  return sorted;
}

/**
 * Merges neighbouring axes that every operand walks as one, and drops axes of size 1. A launch on
 * [8, 64, 128] contiguous tensors becomes one on [65536], which is what kernels are fast at.
 * `strides` holds one list per operand. Axes before `barrier` are never merged with axes after it
 * (a reduction keeps the ones and reduces the others).
 */
export function collapse(
  shape: Shape,
  strides: readonly (readonly number[])[],
  barrier: number = shape.length,
): { shape: number[]; strides: number[][]; barrier: number } {
  const outShape: number[] = [];
  const outStrides: number[][] = strides.map(() => []);
  let outBarrier = 0;
  let open = false; // whether the last kept axis may still take a neighbour
  for (let i = 0; i < shape.length; i++) {
    if (i === barrier) open = false;
    const dim = shape[i]!;
    if (dim === 1) continue;
    const last = outShape.length - 1;
    if (open && strides.every((s, j) => outStrides[j]![last] === s[i]! * dim)) {
      outShape[last]! *= dim;
      strides.forEach((s, j) => (outStrides[j]![last] = s[i]!));
    } else {
      outShape.push(dim);
      strides.forEach((s, j) => outStrides[j]!.push(s[i]!));
      open = true;
    }
    if (i < barrier) outBarrier = outShape.length;
  }
  return { shape: outShape, strides: outStrides, barrier: outBarrier };
}

/**
 * Strides for a reshape without moving data, or undefined when a copy is needed (for instance
 * flattening a transposed matrix).
 */
export function reshapeStrides(
  shape: Shape,
  strides: readonly number[],
  target: Shape,
): number[] | undefined {
  if (sizeOf(shape) === 0) return contiguousStrides(target);
  const merged = collapse(shape, [strides]);
  const out = target.map(() => 0);
  let axis = merged.shape.length - 1;
  let room = axis >= 0 ? merged.shape[axis]! : 1;
  let stride = axis >= 0 ? merged.strides[0]![axis]! : 1;
  for (let i = target.length - 1; i >= 0; i--) {
    const dim = target[i]!;
    if (dim === 1) continue;
    while (room === 1 && axis > 0) {
      axis--;
      room = merged.shape[axis]!;
      stride = merged.strides[0]![axis]!;
    }
    if (room % dim !== 0) return undefined;
    out[i] = stride;
    stride *= dim;
    room /= dim;
  }
  return out;
}
