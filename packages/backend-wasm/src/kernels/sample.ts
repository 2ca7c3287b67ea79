// Launches sample.

import type { Binding, LaunchOf } from "@sixtyone/tensor/backend";
import { scratchBytes } from "../engine.ts";
import { floatBits } from "../map/compile.ts";
import { addressOf, type Context } from "./context.ts";

/** Whether a row's selection and its weights fit a thread's scratch (assembly/fused/sample.ts, kernels/sort.ts). */
export function takesVocabulary(V: number, topK: number): boolean {
  const candidates = topK === V ? 0 : 8 * topK <= V ? 4 * topK : V;
  return 2048 + 16 * candidates <= scratchBytes && 256 + 8 * V <= scratchBytes;
}

export function sample({ params, inputs, outputs }: LaunchOf<"sample">, { engine }: Context): void {
  const [logits, state] = inputs as [Binding, Binding];
  const [rows, V] = logits.shape as [number, number];
  const at = engine.block(10);
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
  engine.job(engine.kernels.sample!, at * 4, rows, rows * V);
}
