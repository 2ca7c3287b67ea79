// Elementwise ops: broadcasting, dtype promotion and laziness are the same for all of them, so one op is
// its scalar expression and its gradient rule. Running one records an expression; no kernel starts.

import { computeType, isFloat, promote, type ComputeType, type DType } from "../dtype.ts";
import { ArgumentError, DTypeError } from "../errors.ts";
import { castExpr, scalarExpr, type Expr } from "../ir/expr.ts";
import { broadcastShapes, sizeOf, type Shape } from "../shape.ts";
import { Lazy } from "../core/lazy.ts";
import type { View } from "../core/storage.ts";
import type { Tensor } from "../tensor.ts";
import { rounded, traffic } from "./cost.ts";
import { applyOp, type OpDefinition } from "./define.ts";
import { roundHalf } from "./round-half.ts";

export type Operand = Tensor | number;
type E = Expr<View>;

/**
 * Which dtype an op computes in and gives: "promote" takes the operands' common type, "float" makes
 * integers f32 first (exp, division), "compare" promotes and gives bool, "bits" takes integers and bool.
 */
export type DTypeRule = "promote" | "float" | "compare" | "bits";

export interface ElementwiseContext {
  /** An operand as it was given; tensors must be listed in `saves`. */
  x(index: number): Operand;
  /** The result; needs `saves: ["output"]`. */
  readonly y: Tensor;
}

export interface ElementwiseDefinition {
  readonly name: string;
  readonly dtype: DTypeRule;
  readonly expr: (...args: E[]) => E;
  readonly grad?: (context: ElementwiseContext, dy: Tensor) => readonly (Tensor | null)[];
  readonly saves?: readonly (number | "output")[];
}

/** Beyond these an expression is cut: compiled kernels stay small and bindings within every device's. */
const maxNodes = 96;
const maxLeaves = 6;

interface Attrs {
  readonly operands: readonly Operand[];
}

type ElementwiseFunction = ((...operands: Operand[]) => Tensor) & {
  readonly op: OpDefinition<Attrs>;
};

/**
 * The general form behind `defineUnary`, `defineBinary` and `defineTernary`. Results of f16 and bf16 are
 * rounded op by op and do not fuse.
 */
function defineElementwise(definition: ElementwiseDefinition): ElementwiseFunction {
  const { name, grad, saves = [] } = definition;
  const op: OpDefinition<Attrs> = {
    name,
    shape: (inputs) =>
      inputs.reduce<Shape>((shape, x) => broadcastShapes(name, shape, x.shape), inputs[0]!.shape),
    dtype: (_, { operands }) => resultDType(definition, operands),
    lower: (inputs, { operands }, { shape, dtype, device }) => {
      const compute = operandType(definition, operands);
      const size = sizeOf(shape);
      const parts = inputs.map((x) => x.lazy.operand(size, x.size));
      if (
        parts.reduce((sum, part) => sum + part.expr.size, 1) > maxNodes ||
        parts.reduce((sum, part) => sum + part.leaves.length, 0) > maxLeaves
      ) {
        inputs.forEach((x) => x.lazy.view());
        inputs.forEach((x, i) => (parts[i] = x.lazy.operand(size, x.size)));
      }
      let next = 0;
      const args = operands.map((x) =>
        typeof x === "number" ? scalarExpr(x, compute) : castExpr(parts[next++]!.expr, compute),
      );
      const expr = castExpr(definition.expr(...args), computeType(dtype));
      const leaves = [...new Set(parts.flatMap((part) => part.leaves))];
      return device.wrap(roundHalf(Lazy.pending(device, name, expr, leaves, shape, dtype)));
    },
    saves,
    tolerance: rounded,
    cost: (tensors, out) => traffic(tensors, out, sizeOf(out.shape)),
    ...(grad && {
      grad: (context, dy) => {
        const { operands } = context.attrs;
        const position = operands.map(
          (_, i) => operands.slice(0, i).filter((y) => typeof y !== "number").length,
        );
        const gradients = grad(
          {
            x: (i) => (typeof operands[i] === "number" ? operands[i] : context.input(position[i]!)),
            get y() {
              return context.output();
            },
          },
          dy,
        );
        return gradients.filter((_, i) => typeof operands[i] !== "number");
      },
    }),
  };
  const call = (...operands: Operand[]): Tensor => {
    const inputs = operands.filter((x): x is Tensor => typeof x !== "number");
    if (inputs.length === 0) {
      throw new ArgumentError(`${name}: expected at least one tensor, got only numbers.`);
    }
    // Positions in `saves` count operands; the tape counts tensors.
    const definedSaves = saves.flatMap((key): (number | "output")[] => {
      if (key === "output") return [key];
      if (typeof operands[key] === "number") return [];
      return [operands.slice(0, key).filter((x) => typeof x !== "number").length];
    });
    const specific = inputs.length === operands.length ? op : { ...op, saves: definedSaves };
    return applyOp(specific, inputs, { operands })[0]!;
  };
  return Object.assign(call, { op });
}

export type Unary = ((x: Tensor) => Tensor) & { readonly op: OpDefinition<Attrs> };
export type Binary = ((a: Operand, b: Operand) => Tensor) & { readonly op: OpDefinition<Attrs> };
export type Ternary = ((a: Operand, b: Operand, c: Operand) => Tensor) & {
  readonly op: OpDefinition<Attrs>;
};

export const defineUnary: (definition: ElementwiseDefinition) => Unary = defineElementwise;
export const defineBinary: (definition: ElementwiseDefinition) => Binary = defineElementwise;
export const defineTernary: (definition: ElementwiseDefinition) => Ternary = defineElementwise;

/** The dtype the operands have in common. A number takes the tensors' type unless it has a fraction. */
function commonDType(operands: readonly Operand[]): DType {
  let dtype: DType | undefined;
  for (const x of operands) {
    if (typeof x !== "number") dtype = dtype === undefined ? x.dtype : promote(dtype, x.dtype);
  }
  for (const x of operands) {
    if (typeof x !== "number") continue;
    if (!isFloat(dtype!) && !Number.isInteger(x)) dtype = "f32";
    else if (dtype === "bool") dtype = "i32";
    else if (dtype === "u32" && x < 0) dtype = "i32";
  }
  return dtype!;
}

function operandDType(
  { name, dtype: rule }: ElementwiseDefinition,
  operands: readonly Operand[],
): DType {
  const common = commonDType(operands);
  if (rule === "float" && !isFloat(common)) return "f32";
  if ((rule === "promote" || rule === "compare") && common === "bool") return "i32";
  if (rule === "bits" && isFloat(common)) {
    throw new DTypeError(
      `${name}: expected integers or bool, got ${common}. Cast first: x.cast("i32").`,
    );
  }
  return common;
}

function operandType(definition: ElementwiseDefinition, operands: readonly Operand[]): ComputeType {
  return computeType(operandDType(definition, operands));
}

function resultDType(definition: ElementwiseDefinition, operands: readonly Operand[]): DType {
  return definition.dtype === "compare" ? "bool" : operandDType(definition, operands);
}
