import { ArgumentError, IndexError } from "../../errors.ts";
import { normalizeAxis, type Shape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { defineView } from "../view.ts";
import { embedSlice } from "../embed-slice/embed-slice.ts";

/** One axis of a slice: Python's start:end:step. A negative step walks backwards. */
export interface Range {
  readonly start?: number;
  readonly end?: number;
  readonly step?: number;
}

/** A range with everything filled in: `count` elements from `start`, `step` apart. */
export interface ResolvedRange {
  readonly start: number;
  readonly count: number;
  readonly step: number;
}

const sliceView = /* @__PURE__ */ defineView({
  name: "slice",
  shape: (_, { ranges }: { ranges: readonly ResolvedRange[] }) => ranges.map((r) => r.count),
  strides: (view, { ranges }) => ({
    strides: view.strides.map((stride, axis) => stride * ranges[axis]!.step),
    offset: ranges.reduce((sum, r, axis) => sum + r.start * view.strides[axis]!, view.offset),
  }),
  grad: (dy, { ranges }, shape) => embedSlice(dy, ranges, shape),
});

/**
 * A window: one entry an axis, `null` for all of it. `[start, end]` or `{ start, end, step }` as in
 * Python, negative positions counting from the end.
 */
export function slice(
  x: Tensor,
  ranges: readonly (Range | readonly [number, number] | null)[],
): Tensor {
  if (ranges.length > x.shape.length) {
    throw new ArgumentError(
      `slice: ${ranges.length} ranges for a tensor of rank ${x.shape.length}. Give at most one an axis.`,
    );
  }
  const resolved = x.shape.map((size, axis) => resolveRange(ranges[axis] ?? null, size));
  return sliceView(x, { ranges: resolved });
}

/** Elements start..start+length−1 along one axis. Throws IndexError where they do not exist. */
export function narrow(x: Tensor, axis: number, start: number, length: number): Tensor {
  const a = normalizeAxis("narrow", axis, x.shape.length);
  const size = x.shape[a]!;
  if (!(start >= 0 && length >= 0 && start + length <= size) || start % 1 || length % 1) {
    throw new IndexError(
      `narrow: elements ${start}..${start + length - 1} of axis ${a} were asked, it has ${size}.`,
    );
  }
  const ranges = x.shape.map((dim, i) =>
    i === a ? { start, count: length, step: 1 } : { start: 0, count: dim, step: 1 },
  );
  return sliceView(x, { ranges });
}

/** The elements at one position of an axis, which disappears (`x[:, i]`). */
export function select(x: Tensor, axis: number, index: number): Tensor {
  const a = normalizeAxis("select", axis, x.shape.length);
  const size = x.shape[a]!;
  if (!(index >= -size && index < size)) {
    throw new IndexError(`select: index ${index} is outside axis ${a} of size ${size}.`);
  }
  const shape: Shape = x.shape.filter((_, i) => i !== a);
  return narrow(x, a, index < 0 ? index + size : index, 1).reshape(shape);
}

/** Reverses the given axes. */
export function flip(x: Tensor, axes: number | readonly number[]): Tensor {
  const list = (typeof axes === "number" ? [axes] : axes).map((axis) =>
    normalizeAxis("flip", axis, x.shape.length),
  );
  const ranges = x.shape.map((size, axis) =>
    list.includes(axis)
      ? { start: Math.max(size - 1, 0), count: size, step: -1 }
      : { start: 0, count: size, step: 1 },
  );
  return sliceView(x, { ranges });
}

function resolveRange(
  range: Range | readonly [number, number] | null,
  size: number,
): ResolvedRange {
  if (range === null) return { start: 0, count: size, step: 1 };
  const given: Range = Array.isArray(range) ? { start: range[0], end: range[1] } : (range as Range);
  const { start: from = 0, end: to = 0, step = 1 } = given;
  if (![from, to, step].every(Number.isInteger) || step === 0) {
    throw new ArgumentError(
      `slice: start, end and step are whole numbers, step not 0, got ${JSON.stringify(given)}.`,
    );
  }
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const clampTo = (position: number) => {
    const fromStart = position < 0 ? position + size : position;
    return Math.min(Math.max(fromStart, low), high);
  };
  const start = given.start === undefined ? (step > 0 ? low : high) : clampTo(given.start);
  const end = given.end === undefined ? (step > 0 ? high : low) : clampTo(given.end);
  const count = Math.max(0, Math.ceil((end - start) / step));
  return { start: count === 0 ? 0 : start, count, step };
}
