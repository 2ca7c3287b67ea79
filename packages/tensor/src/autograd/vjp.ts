// The vector–Jacobian product of a function at a point: how fused ops get their second-order gradients.
// Their backward kernels stay hand-written and fast; only when a gradient is differentiated again is the
// composite recorded and walked.

import type { Tensor } from "../tensor.ts";
import { gradients } from "./backward.ts";
import { isRecording, setRecording } from "./tape.ts";

/**
 * Gradients of Σ ⟨fn(inputs)[i], upstream[i]⟩ with respect to each input, the inputs taken as
 * independent even where they are the same tensor. Recorded if the caller is recording.
 */
export function vjp(
  fn: (inputs: readonly Tensor[]) => readonly Tensor[],
  inputs: readonly Tensor[],
  upstream: readonly Tensor[],
): Tensor[] {
  const createGraph = isRecording();
  setRecording(true);
  try {
    // New nodes of their own: recorded copies when the result must stay differentiable.
    const points = inputs.map((x) => (createGraph ? x.mul(1) : x.detach()).requiresGrad_());
    const results = fn(points);
    setRecording(createGraph);
    return gradients(results, points, upstream, { createGraph, stopAtInputs: true });
  } finally {
    setRecording(createGraph);
  }
}
