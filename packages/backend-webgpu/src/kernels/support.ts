// Whether a launch is one the fused kernels take: f32 where the contract says f32, contiguous where it
// says contiguous. Primitives are always taken.

import {
  isContiguous,
  type Binding,
  type FusedName,
  type FusedParams,
  type Launch,
} from "@sixtyone/tensor/backend";
import { mostQuantizedRows } from "./quantized-matmul.ts";

const isRows = (view: Binding): boolean =>
  view.dtype === "f32" && isContiguous(view.shape, view.strides);
const isIndices = (view: Binding): boolean =>
  view.dtype === "i32" && isContiguous(view.shape, view.strides);
const allRows = ({ inputs, outputs }: Launch): boolean => [...inputs, ...outputs].every(isRows);

function takesAttention({ inputs, outputs }: Launch, first: number): boolean {
  const areFloats = [...inputs, ...outputs].every((view) => view.dtype === "f32");
  return (
    areFloats &&
    outputs.every(isRows) &&
    inputs.slice(first + 3, first + 3 + 2 * first).every(isRows)
  );
}

const rules: { readonly [K in FusedName]: (launch: Launch) => boolean } = {
  rmsNorm: allRows,
  rmsNormBackward: allRows,
  softmax: allRows,
  softmaxBackward: allRows,
  attention: (launch) => takesAttention(launch, 0),
  // do comes before q, k, v; o and lse after them are contiguous.
  attentionBackward: (launch) => takesAttention(launch, 1),
  linearLogProb: ({ inputs: [hidden, weight, targets] }) =>
    isRows(hidden!) && isRows(weight!) && isIndices(targets!),
  linearLogProbBackward: ({ inputs: [dlogp, hidden, weight, targets, lse] }) =>
    [dlogp!, hidden!, weight!, lse!].every(isRows) && isIndices(targets!),
  groupedMatmul: ({ inputs: [a, b, offsets] }) =>
    isRows(a!) &&
    (b!.dtype === "f32" || b!.dtype === "f16" || b!.dtype === "bf16") &&
    isIndices(offsets!),
  groupedMatmulWeight: ({ inputs: [a, c, offsets] }) =>
    isRows(a!) && isRows(c!) && isIndices(offsets!),
  // With many rows the composite's panels, made f32 by a map, and the tiled product are faster.
  quantizedMatmul: ({ params, inputs: [x, words, scales] }) =>
    (params as FusedParams["quantizedMatmul"]).transposed &&
    x!.shape[0]! <= mostQuantizedRows &&
    isRows(x!) &&
    isRows(scales!) &&
    words!.dtype === "u32" &&
    isContiguous(words!.shape, words!.strides),
  // One map with two results does the same.
  rope: () => false,
  sample: () => false,
  groupedTopk: () => false,
  adamW: (launch) =>
    allRows(launch) &&
    launch.outputs.every((output, i) => output.buffer === launch.inputs[[0, 2, 3][i]!]!.buffer),
};

export function takesFused(launch: Launch): boolean {
  const rule = (rules as { [name: string]: ((launch: Launch) => boolean) | undefined })[
    launch.kernel
  ];
  return rule ? rule(launch) : true;
}
