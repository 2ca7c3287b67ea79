// Choosing the next token from logits [B, V], on the device: temperature, top-k, top-p, min-p, then a draw
// by the Gumbel-max trick (or the argmax at temperature 0).

import { ArgumentError, cumsum, sort, topk, type Generator, type Tensor } from "@sixtyone/tensor";

export interface SamplingOptions {
  /** 0 takes the most probable token. Default 1. */
  readonly temperature?: number;
  /** Keep the k most probable tokens. Default: all. */
  readonly topK?: number;
  /** Keep the most probable tokens that together reach probability p (Holtzman et al. 2020). Default 1. */
  readonly topP?: number;
  /** Keep tokens with at least this fraction of the best token's probability. Default 0. */
  readonly minP?: number;
}

export function checkSampling({
  temperature = 1,
  topK,
  topP = 1,
  minP = 0,
}: SamplingOptions): void {
  const check = (holds: boolean, text: string): void => {
    if (!holds) throw new ArgumentError(`generate: ${text}`);
  };
  check(temperature >= 0, `temperature must be 0 or above, got ${temperature}.`);
  check(
    topK === undefined || (Number.isInteger(topK) && topK > 0),
    `topK must be 1 or more, got ${topK}.`,
  );
  check(topP > 0 && topP <= 1, `topP must be above 0 and at most 1, got ${topP}.`);
  check(minP >= 0 && minP <= 1, `minP must be from 0 to 1, got ${minP}.`);
}

/** One token per row, i32 [B]. */
export function sampleTokens(
  logits: Tensor,
  generator: Generator,
  { temperature = 1, topK, topP = 1, minP = 0 }: SamplingOptions,
): Tensor {
  if (temperature === 0) return logits.argmax(-1);
  let scaled = temperature === 1 ? logits : logits.div(temperature);
  if (topK !== undefined && topK < logits.shape[1]!) {
    const threshold = topk(scaled, topK).values.narrow(-1, topK - 1, 1); // [B, 1]
    scaled = scaled.lt(threshold).where(-Infinity, scaled);
  }
  if (topP < 1) {
    const ordered = sort(scaled.softmax(-1), -1, { descending: true }).values; // [B, V]
    const before = cumsum(ordered, -1, { exclusive: true });
    // The smallest kept probability: the last one whose predecessors have not reached p.
    const kept = before.lt(topP).where(ordered, Infinity).min(-1, { keepDim: true });
    scaled = scaled.softmax(-1).lt(kept).where(-Infinity, scaled);
  }
  if (minP > 0) {
    const probabilities = scaled.softmax(-1);
    const floor = probabilities.max(-1, { keepDim: true }).mul(minP);
    scaled = probabilities.lt(floor).where(-Infinity, scaled);
  }
  return generator.categorical(scaled);
}
