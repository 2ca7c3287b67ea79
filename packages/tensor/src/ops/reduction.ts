// Reductions: `sum`, `prod`, `max`, `min` over any axes. The operand's pending expression becomes the
// kernel's prologue, so `x.mul(y).sum()` is one launch and never stores the product.

import type { ReduceOp } from "../backend/contract.ts";
import { isFloat, type DType } from "../dtype.ts";
import { ShapeError } from "../errors.ts";
import { toProgram } from "../ir/expr.ts";
import { broadcastStrides, collapse, formatShape, normalizeAxes, type Shape } from "../shape.ts";
import { toBinding } from "../core/storage.ts";
import { runPrimitive } from "./run-primitive.ts";
import type { Tensor } from "../tensor.ts";
import { moved, summed, traffic } from "./cost.ts";
import { defineOp, type GradientContext, type OpDefinition } from "./define.ts";

export interface ReduceOptions {
  /** Keep the reduced axes with size 1. Default false. */
  readonly keepDim?: boolean;
}

export interface ReduceAttrs {
  /** Sorted, non-negative. */
  readonly axes: readonly number[];
  readonly keepDim: boolean;
}

export type Axes = number | readonly number[] | undefined;

export type Reduction = ((x: Tensor, axes?: Axes, options?: ReduceOptions) => Tensor) & {
  readonly op: OpDefinition<ReduceAttrs>;
};

interface ReductionDefinition {
  readonly name: ReduceOp;
  readonly grad: (context: GradientContext<ReduceAttrs>, dy: Tensor) => readonly (Tensor | null)[];
  readonly saves?: readonly (number | "output")[];
}

/** The shape left over, with 1 where an axis was reduced: what a gradient broadcasts from. */
export function keptShape(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
}

/** bool counts as 0 and 1; everything else keeps its dtype. */
function resultDType(dtype: DType): DType {
  return dtype === "bool" ? "i32" : dtype;
}

export function defineReduction({ name, grad, saves = [] }: ReductionDefinition): Reduction {
  const reduction = defineOp<ReduceAttrs, ReduceOp>({
    name,
    shape: ([x], { axes, keepDim }) => {
      if ((name === "max" || name === "min") && axes.some((axis) => x!.shape[axis] === 0)) {
        throw new ShapeError(
          `${name}: nothing to take the ${name} of: shape ${formatShape(x!.shape)} is empty along ` +
            `axes ${axes.join(", ")}. Check for emptiness first.`,
        );
      }
      return keepDim
        ? keptShape(x!.shape, axes)
        : x!.shape.filter((_, axis) => !axes.includes(axis));
    },
    dtype: ([x]) => resultDType(x!.dtype),
    lower: ([input], { axes }, { shape, dtype, device }) => {
      const x = input!.dtype === "bool" ? input!.cast("i32") : input!;
      const rank = x.shape.length;
      const order = [...Array(rank).keys()].filter((a) => !axes.includes(a)).concat(axes);
      const space = order.map((axis) => x.shape[axis]!);
      const { expr } = x.lazy.operand(x.size, x.size);
      // An index in the prologue counts axes from the end, which reordering would change.
      const usable = expr.usesIndex ? { expr: leafOf(x) } : { expr };
      const { program, leaves, scalars } = toProgram([usable.expr], [dtype]);
      const strides = leaves.map((view) => {
        const own = broadcastStrides(name, view.shape, view.strides, x.shape);
        return order.map((axis) => own[axis]!);
      });
      const merged = collapse(space, strides, rank - axes.length);
      const reduceRank = merged.shape.length - merged.barrier;
      const params = { program, scalars, op: name, shape: merged.shape, reduceRank };
      const inputs = leaves.map((leaf, i) => toBinding(leaf, merged.shape, merged.strides[i]!));
      return runPrimitive(device, name, "reduce", params, inputs, { shape, dtype });
    },
    grad: (context, dy) => {
      if (!isFloat(context.dtype(0))) return [null];
      // Rules broadcast the gradient over the axes that were reduced: they see them kept.
      const kept = keptShape(context.shape(0), context.attrs.axes);
      return grad({ ...context, output: () => context.output().reshape(kept) }, dy.reshape(kept));
    },
    saves,
    tolerance: name[0] === "m" ? moved : summed,
    cost: (inputs, out) => traffic(inputs, out, inputs[0]!.size),
  });
  const call = (x: Tensor, axes?: Axes, { keepDim = false }: ReduceOptions = {}): Tensor => {
    return reduction([x], { axes: normalizeAxes(name, axes, x.shape.length), keepDim })[0]!;
  };
  return Object.assign(call, { op: reduction.op });
}

/** The gradient of max and min: shared evenly by the elements that were taken. */
export function extremeGradient(
  { input, output, attrs: { axes } }: GradientContext<ReduceAttrs>,
  dy: Tensor,
): readonly Tensor[] {
  const taken = input(0).eq(output()).cast("f32");
  return [taken.mul(dy.div(taken.sum(axes, { keepDim: true })))];
}

function leafOf(x: Tensor) {
  x.lazy.view();
  return x.lazy.operand(x.size, x.size).expr;
}
