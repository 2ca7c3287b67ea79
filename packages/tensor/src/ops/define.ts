// How an op is defined. `defineOp` takes what differs between ops (shape and dtype rule, lowering,
// gradient rule, tolerance, cost) and does what is the same for all: checking devices, recording on the
// tape, saving what the gradient needs, summing gradients over broadcast axes.
//
// Rules are written with tensor methods, so gradients fuse like any other code and are themselves
// differentiable.

import type { DType } from "../dtype.ts";
import { ArgumentError, DeviceMismatchError } from "../errors.ts";
import { SavedValue, setRecording, TapeNode, type OperandGradients } from "../autograd/tape.ts";
import type { Device } from "../core/device.ts";
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { moved, traffic, type Cost, type ResultType, type Tolerance } from "./cost.ts";

export interface GradientContext<A> {
  readonly attrs: A;
  readonly device: Device;
  readonly inputCount: number;
  /** Saved operands by position; asking for one that `saves` does not list is a programming error. */
  input(index: number): Tensor;
  /** The saved result (`saves: ["output"]`), or one of several. */
  output(index?: number): Tensor;
  shape(index: number): Shape;
  dtype(index: number): DType;
  /** Whether an operand's gradient is wanted at all. */
  needs(index: number): boolean;
}

export interface OpDefinition<A, N extends string = string> {
  readonly name: N;
  /** The result's shape, after checking the operands. Ops with several results return theirs from `lower`. */
  readonly shape: (inputs: readonly Tensor[], attrs: A) => Shape;
  readonly dtype: (inputs: readonly Tensor[], attrs: A) => DType;
  /** The op in terms of primitives and other ops. Runs unrecorded. */
  readonly lower: (
    inputs: readonly Tensor[],
    attrs: A,
    out: { shape: Shape; dtype: DType; device: Device },
  ) => Tensor | readonly Tensor[];
  /** Gradients of the operands from those of the results. Absent: the op has none. */
  readonly grad?: (context: GradientContext<A>, dy: Tensor, ...more: Tensor[]) => OperandGradients;
  /** What the gradient rule reads; positions of optional operands that are absent are passed over. */
  readonly saves?: readonly (number | "output")[];
  /** Default: `moved`, no arithmetic on values. */
  readonly tolerance?: Tolerance;
  /** Default: every operand read once, the result written once. */
  readonly cost?: (inputs: readonly Tensor[], out: ResultType, attrs: A) => Cost;
}

export type Op<A, N extends string = string> = ((
  inputs: readonly Tensor[],
  attrs: A,
) => Tensor[]) & { readonly op: OpDefinition<A, N> };

/** Makes the function users call. Its `op` property is the definition. */
export function defineOp<A, N extends string>(definition: OpDefinition<A, N>): Op<A, N> {
  const run = (inputs: readonly Tensor[], attrs: A): Tensor[] => applyOp(definition, inputs, attrs);
  return Object.assign(run, { op: definition });
}

/** An op as it ran. */
export interface OpRun {
  readonly name: string;
  readonly tolerance: Tolerance;
  readonly cost: Cost;
}

let observer: ((run: OpRun) => void) | undefined;
let depth = 0;

/** Runs a synchronous `fn` and tells of every op that it calls, not of those these are made of. */
export function observeOps<T>(observe: (run: OpRun) => void, fn: () => T): T {
  const before = observer;
  observer = observe;
  try {
    return fn();
  } finally {
    observer = before;
  }
}

export function applyOp<A>(
  definition: OpDefinition<A>,
  inputs: readonly Tensor[],
  attrs: A,
): Tensor[] {
  const device = inputs[0]?.device as Device;
  for (const input of inputs) {
    // What only JavaScript's callers can pass.
    if (!input?.assertUsable) {
      throw new ArgumentError(
        `${definition.name}: expected a tensor or a number, got ${String(input)}.`,
      );
    }
    input.assertUsable(definition.name);
    if (input.device !== device) {
      throw new DeviceMismatchError(
        `${definition.name}: operands live on two devices (${device.name} and ${input.device.name}). ` +
          `Copy one over: tensor(device, await x.data(), { shape: x.shape }).`,
      );
    }
  }
  const shape = definition.shape(inputs, attrs);
  const dtype = definition.dtype(inputs, attrs);
  const before = setRecording(false);
  let outputs: Tensor[];
  depth++;
  try {
    const lowered = definition.lower(inputs, attrs, { shape, dtype, device });
    outputs = Array.isArray(lowered) ? [...(lowered as readonly Tensor[])] : [lowered as Tensor];
  } finally {
    depth--;
    setRecording(before);
  }
  // Ops that others are made of are part of these.
  if (observer && depth === 0) {
    const { name, tolerance = moved, cost } = definition;
    const result = { shape, dtype };
    observer({ name, tolerance, cost: cost?.(inputs, result, attrs) ?? traffic(inputs, result) });
  }
  if (before) record(definition, inputs, attrs, outputs);
  return outputs;
}

function record<A>(
  definition: OpDefinition<A>,
  inputs: readonly Tensor[],
  attrs: A,
  outputs: Tensor[],
): void {
  if (!inputs.some((input) => input.requiresGrad)) {
    // What comes after the op that broke the chain still knows which one it was.
    const brokenBy = inputs.find((input) => input.brokenBy)?.brokenBy;
    if (brokenBy) for (const output of outputs) output.brokenBy = brokenBy;
    return;
  }
  const device = inputs[0]!.device;
  const edges = inputs.map((input) => input.gradientEdge());
  const shapes = inputs.map((input) => input.shape);
  const dtypes = inputs.map((input) => input.dtype);
  if (!definition.grad) {
    // Remembered all the same, so that backward() can name the op that broke the chain.
    for (const output of outputs) output.brokenBy = definition.name;
    return;
  }
  const outputShapes = outputs.map((output) => output.shape);
  const saved = new Map<number | "output", Tensor[]>();
  const rule = (gradients: readonly (Tensor | null)[]): OperandGradients => {
    const context: GradientContext<A> = {
      attrs,
      device,
      inputCount: shapes.length,
      input: (index) => saved.get(index)![0]!.alias(),
      output: (index = 0) => saved.get("output")![index]!.alias(),
      shape: (index) => shapes[index]!,
      dtype: (index) => dtypes[index]!,
      needs: (index) => edges[index] !== undefined,
    };
    // Of several results some may have no gradient; rules see zeros, so that they need no cases.
    const [dy, ...rest] = gradients.map((g, i) => g ?? device.zeros(outputShapes[i]!)) as [Tensor];
    const operandGradients = definition.grad!(context, dy, ...rest);
    return operandGradients.map((gradient, i) =>
      gradient && edges[i] ? gradient.sumTo(shapes[i]!) : null,
    );
  };
  const node = new TapeNode(definition.name, edges, outputs.length, rule);
  outputs.forEach((output, i) => output.attach(node, i));
  const values: SavedValue[] = [];
  for (const key of definition.saves ?? []) {
    const tensors = key === "output" ? outputs : inputs.slice(key, key + 1);
    // Ghosts share value and place in the graph with the original, but no scope owns them.
    saved.set(
      key,
      tensors.map((tensor) => tensor.ghost()),
    );
    for (const tensor of tensors) values.push(new SavedValue(tensor.lazy));
  }
  node.save(values);
  device.currentScope?.addNode(node);
}
