// What a launch takes at least: arithmetic from its parameters and shapes, bytes from its bindings. Typed over the
// kernels' names, so that a kernel without a rule does not compile. What an *op* costs is in its definition.

import { bytesPerElement } from "../dtype.ts";
import { sizeOf, type Shape } from "../shape.ts";
import type { Binding, KernelName, Launch, LaunchOf } from "../backend/contract.ts";
import type { Cost } from "../ops/cost.ts";

const size = ({ shape }: Binding): number => sizeOf(shape);
const last = ({ shape }: Binding): number => shape[shape.length - 1] ?? 1;
const results = ({ outputs }: { readonly outputs: readonly Binding[] }): number =>
  outputs.reduce((sum, output) => sum + size(output), 0);

/** Instructions with operands, once an element. */
function instructions(params: {
  readonly program: { readonly instructions: readonly object[] };
  readonly shape: Shape;
}): number {
  return sizeOf(params.shape) * params.program.instructions.filter((i) => "args" in i).length;
}

/** Multiply-adds count two; causal attention counts in full, whether or not a kernel skips half of it. */
const flops: { readonly [K in KernelName]: (launch: LaunchOf<K>) => number } = {
  map: ({ params }) => instructions(params),
  reduce: ({ params }) => instructions(params) + sizeOf(params.shape),
  argReduce: ({ inputs }) => size(inputs[0]!),
  matmul: ({ inputs, outputs }) => 2 * size(outputs[0]!) * last(inputs[0]!),
  gather: () => 0,
  scatterAdd: ({ inputs }) => size(inputs[2]!),
  scan: ({ inputs }) => size(inputs[0]!),
  sort: () => 0,
  countingSort: () => 0,
  random: () => 0,
  rmsNorm: ({ inputs }) => 4 * size(inputs[0]!),
  rmsNormBackward: ({ inputs }) => 10 * size(inputs[1]!),
  softmax: ({ inputs }) => 4 * size(inputs[0]!),
  softmaxBackward: ({ inputs }) => 4 * size(inputs[0]!),
  // q [B, H, T, D], k [B, H, S, D], o [B, H, T, Dv]: q·kᵀ and its product with v.
  attention: ({ inputs, outputs }) =>
    2 * (size(inputs[0]!) + size(outputs[0]!)) * inputs[1]!.shape[2]!,
  // do, q, k: the scores once more, dP = dO·Vᵀ, and a product for each of dQ, dK, dV.
  attentionBackward: ({ inputs }) =>
    2 * (3 * size(inputs[1]!) + 2 * size(inputs[0]!)) * inputs[2]!.shape[2]!,
  linearLogProb: ({ inputs }) => 2 * size(inputs[0]!) * inputs[1]!.shape[0]!,
  // dlogp, hidden, weight: the logits once more and a product for each gradient.
  linearLogProbBackward: ({ inputs }) => 6 * size(inputs[1]!) * inputs[2]!.shape[0]!,
  groupedMatmul: ({ inputs, outputs }) => 2 * size(inputs[0]!) * last(outputs[0]!),
  groupedMatmulWeight: ({ inputs }) => 2 * size(inputs[0]!) * last(inputs[1]!),
  quantizedMatmul: ({ inputs, outputs }) => 2 * size(inputs[0]!) * last(outputs[0]!),
  rope: ({ inputs }) => 3 * size(inputs[0]!),
  sample: ({ inputs }) => 20 * size(inputs[0]!),
  groupedTopk: ({ inputs }) => 10 * size(inputs[0]!),
  adamW: (launch) => 5 * results(launch),
};

export function costOfLaunch(launch: Launch): Cost {
  const rule = flops[launch.kernel] as (launch: Launch) => number;
  return { flops: rule(launch), bytes: bytesOf(launch) };
}

/** Repeated elements (stride 0) are loaded once; of a table that is gathered from, what is chosen. */
function bytesOf(launch: Launch): number {
  const inputs =
    launch.kernel === "gather" ? [launch.inputs[1]!, launch.outputs[0]!] : launch.inputs;
  return [...inputs, ...launch.outputs].reduce((sum, { dtype, shape, strides }) => {
    const distinct = shape.reduce(
      (product, dim, i) => (strides[i] === 0 ? product : product * dim),
      1,
    );
    return sum + distinct * bytesPerElement(dtype);
  }, 0);
}
