// Launches sample.

import type { Binding, FusedParams, LaunchOf } from "@sixtyone/tensor/backend";
import { scratchBytes } from "../engine.ts";
import { floatBits } from "../map/compile.ts";
import { addressOf, type Context } from "./context.ts";

/** Words, sums, and vectors that reach beyond a row. */
const spareBytes = 256;

/** Whether a selection and a row of weights fit a thread's scratch (assembly/fused/sample.ts, kernels/sort.ts). */
export function takesVocabulary(
  V: number,
  { topK, topP, minP, logProbs }: FusedParams["sample"],
): boolean {
  const candidates = topK === V ? 0 : 8 * topK <= V ? 4 * topK : V;
  const weights = topP < 1 || minP > 0 || logProbs ? V : 0;
  return spareBytes + Math.max(1024 + 16 * candidates, 4 * weights) <= scratchBytes;
}

export function sample({ params, inputs, outputs }: LaunchOf<"sample">, { engine }: Context): void {
  const [logits, state] = inputs as [Binding, Binding];
  const [rows, V] = logits.shape as [number, number];
  const at = engine.block(11);
  const { i32 } = engine.heap;
  i32[at] = addressOf(logits);
  i32[at + 1] = addressOf(state);
  i32[at + 2] = state.strides[0]! * 4;
  i32[at + 3] = addressOf(outputs[0]!);
  i32[at + 4] = params.logProbs ? addressOf(outputs[1]!) : 0;
  i32[at + 5] = V;
  i32[at + 6] = params.topK;
  i32[at + 7] = floatBits(params.temperature);
  i32[at + 8] = floatBits(params.topP);
  i32[at + 9] = floatBits(params.minP);
  i32[at + 10] = spareBytes + 8 * V <= scratchBytes ? 1 : 0;
  engine.job(engine.kernels.sample!, at * 4, rows, rows * V);
}
