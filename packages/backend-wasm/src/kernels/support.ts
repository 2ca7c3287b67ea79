// Whether a launch is one the fused kernels take: f32 where the contract says f32, contiguous where it
// says contiguous, and sizes that fit a thread's scratch memory. Primitives are always taken.

import {
  isContiguous,
  type Binding,
  type FusedName,
  type FusedParams,
  type Launch,
} from "@sixtyone/tensor/backend";
import { mostExperts } from "./grouped-topk.ts";
import { takesVocabulary } from "./sample.ts";

const largestHead = 1024;
const largestQueryCount = 65536;

const isRows = (view: Binding): boolean =>
  view.dtype === "f32" && isContiguous(view.shape, view.strides);
const isIndices = (view: Binding): boolean =>
  view.dtype === "i32" && isContiguous(view.shape, view.strides);

function takesAttention({ inputs, outputs }: Launch, first: number): boolean {
  const [q, , v] = inputs.slice(first);
  return (
    [...inputs, ...outputs].every((view) => view.dtype === "f32") &&
    outputs.every(isRows) &&
    inputs.slice(first + 3, first + 3 + 2 * first).every(isRows) &&
    q!.shape[3]! <= largestHead &&
    v!.shape[3]! <= largestHead &&
    q!.shape[2]! <= largestQueryCount
  );
}

const rules: { readonly [K in FusedName]: (launch: Launch) => boolean } = {
  rmsNorm: ({ inputs, outputs }) => [...inputs, ...outputs].every(isRows),
  rmsNormBackward: ({ inputs, outputs }) => [...inputs, ...outputs].every(isRows),
  softmax: ({ inputs, outputs }) => [...inputs, ...outputs].every(isRows),
  softmaxBackward: ({ inputs, outputs }) => [...inputs, ...outputs].every(isRows),
  attention: (launch) => takesAttention(launch, 0),
  // do comes before q, k, v; o and lse after them are contiguous.
  attentionBackward: (launch) => takesAttention(launch, 1),
  linearLogProb: ({ inputs: [hidden, weight, targets] }) =>
    isRows(hidden!) && isRows(weight!) && isIndices(targets!),
  linearLogProbBackward: ({ inputs: [dlogp, hidden, weight, targets, lse] }) =>
    isRows(dlogp!) && isRows(hidden!) && isRows(weight!) && isIndices(targets!) && isRows(lse!),
  groupedMatmul: ({ inputs: [a, b, offsets] }) =>
    isRows(a!) &&
    (b!.dtype === "f32" || b!.dtype === "f16" || b!.dtype === "bf16") &&
    isIndices(offsets!),
  groupedMatmulWeight: ({ inputs: [a, c, offsets] }) =>
    isRows(a!) && isRows(c!) && isIndices(offsets!),
  quantizedMatmul: ({ inputs: [x, words, scales] }) =>
    isRows(x!) &&
    isRows(scales!) &&
    words!.dtype === "u32" &&
    isContiguous(words!.shape, words!.strides),
  rope: ({ inputs, outputs }) =>
    isRows(outputs[0]!) &&
    inputs.every(
      ({ dtype, shape, strides }) =>
        dtype === "f32" && (strides.at(-1) === 1 || shape.at(-1) === 1),
    ),
  sample: ({ params, inputs: [logits, state] }) =>
    isRows(logits!) &&
    state!.dtype === "u32" &&
    takesVocabulary(logits!.shape[1]!, params as FusedParams["sample"]),
  groupedTopk: ({ inputs: [logits, bias] }) =>
    isRows(logits!) && isRows(bias!) && logits!.shape[1]! <= mostExperts,
  adamW: ({ inputs, outputs }) =>
    [...inputs, ...outputs].every(isRows) &&
    outputs.every((output, i) => output.buffer === inputs[[0, 2, 3][i]!]!.buffer),
};

export function takesFused(launch: Launch): boolean {
  const rule = (rules as { [name: string]: ((launch: Launch) => boolean) | undefined })[
    launch.kernel
  ];
  return rule ? rule(launch) : true;
}
