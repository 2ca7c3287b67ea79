// Reverse-mode differentiation over the tape. Gradients are tensors computed by tensor ops; without
// `createGraph` they are not recorded themselves.

import { AutogradError, ShapeError } from "../errors.ts";
import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { checkGradient, setRecording, type TapeNode } from "./tape.ts";

export interface BackwardOptions {
  /** Keep the saved values for another backward over the same graph. Default: `createGraph`. */
  readonly retainGraph?: boolean;
  /** Record the gradients' own computation, so that they can be differentiated again. Default false. */
  readonly createGraph?: boolean;
  /** @internal Do not walk on from the inputs into what they were computed from. */
  readonly stopAtInputs?: boolean;
}

/** Accumulates into `.grad` of every leaf that `outputs` depend on. */
export function backward(
  outputs: readonly Tensor[],
  gradients?: readonly Tensor[],
  options: BackwardOptions = {},
): void {
  const device = outputs[0]!.device;
  const scope = device.scope();
  const before = setRecording(!!options.createGraph);
  try {
    const found = propagate(outputs, gradients, options);
    for (const [{ leaf }, [gradient]] of found) if (gradient) leaf?.addGrad(gradient);
  } finally {
    setRecording(before);
    if (options.createGraph) scope.handOver();
    scope.end();
  }
}

/** The gradients of `outputs` with respect to `inputs`, without touching `.grad`. */
export function gradients(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  seeds?: readonly Tensor[],
  options: BackwardOptions = {},
): Tensor[] {
  const device = outputs[0]!.device;
  const scope = device.scope();
  try {
    const found = propagate(outputs, seeds, options, inputs);
    return inputs.map((input) => {
      const edge = input.gradientEdge();
      const gradient = edge && found.get(edge.node)?.[edge.output];
      if (!gradient) return scope.keep(device.zeros(input.shape));
      return scope.keep(gradient.alias());
    });
  } finally {
    // With createGraph the caller goes on using what was recorded here.
    if (options.createGraph) scope.handOver();
    scope.end();
  }
}

type Found = Map<TapeNode, (Tensor | null)[]>;

/** Gradients of the nodes that are wanted: the leaves, or the nodes of `inputs`. */
function propagate(
  outputs: readonly Tensor[],
  seeds: readonly Tensor[] | undefined,
  { createGraph = false, retainGraph = createGraph, stopAtInputs = false }: BackwardOptions,
  inputs?: readonly Tensor[],
): Found {
  const pending: Found = new Map();
  const found: Found = new Map();
  const wanted = new Set(inputs?.map((input) => input.gradientEdge()?.node));
  const before = setRecording(createGraph);
  try {
    outputs.forEach((output, i) => {
      const edge = output.gradientEdge();
      if (!edge) throw new AutogradError(noGraphMessage(output));
      add(
        pending,
        edge.node,
        edge.output,
        seeds?.[i] ? checkGradient("backward", output, seeds[i]) : one(output),
      );
    });
    while (pending.size > 0) {
      const node = newest(pending);
      const gradients = node.applyHooks(pending.get(node)!);
      pending.delete(node);
      if (inputs ? wanted.has(node) : node.leaf) found.set(node, gradients);
      if (node.leaf || (stopAtInputs && wanted.has(node))) continue;
      const operandGradients = node.backward(gradients);
      operandGradients.forEach((gradient, i) => {
        const edge = node.operands[i];
        if (edge && gradient) add(pending, edge.node, edge.output, gradient);
      });
      if (!retainGraph) node.release("backward");
    }
  } finally {
    setRecording(before);
  }
  return found;
}

/** Ids grow along the tape: the newest node has no consumer left that could still add to it. */
function newest(pending: Found): TapeNode {
  let best: TapeNode | undefined;
  for (const node of pending.keys()) if (!best || node.id > best.id) best = node;
  return best!;
}

function add(pending: Found, node: TapeNode, output: number, gradient: Tensor): void {
  let slots = pending.get(node);
  if (!slots) {
    slots = Array.from<Tensor | null>({ length: node.outputCount }).fill(null);
    pending.set(node, slots);
  }
  const previous = slots[output];
  slots[output] = previous ? previous.add(gradient) : gradient;
}

function one(output: Tensor): Tensor {
  if (output.size !== 1) {
    throw new ShapeError(
      `backward: expected one element, got ${formatShape(output.shape)}. ` +
        `Reduce it first (.sum(), .mean()), or pass one: backward(gradient).`,
    );
  }
  return output.device.zeros(output.shape).add(1);
}

function noGraphMessage(output: Tensor): string {
  const why = output.brokenBy
    ? `${output.brokenBy} has no gradient and broke the chain. Use a differentiable op, or detach() what needs none.`
    : "this depends on no tensor with requiresGrad. " +
      "Call requiresGrad_() before the forward pass, outside noGrad().";
  return `backward: ${why}`;
}
