import { ArgumentError, ShapeError } from "../../errors.ts";
import { formatShape } from "../../shape.ts";
import type { FusedParams } from "../../backend/contract.ts";
import { gumbelOf, wordsOf } from "../../random/words.ts";
import type { Generator } from "../../random/generator.ts";
import type { Tensor } from "../../tensor.ts";
import { traffic, type Tolerance } from "../cost.ts";
import { cumsum } from "../cumsum/cumsum.ts";
import { defineOp } from "../define.ts";
import { asRows, tryFused } from "../fused.ts";
import { logSoftmax } from "../softmax/softmax.ts";
import { sort, topk } from "../sort/sort.ts";

export interface SamplingOptions {
  /** Logits are divided by it; 0 takes the most probable. Default 1. */
  readonly temperature?: number;
  /** Keep the k most probable. Default: all. */
  readonly topK?: number;
  /** Keep the most probable that together reach probability p (Holtzman et al. 2020). Default 1. */
  readonly topP?: number;
  /** Keep those with at least this fraction of the best one's probability. Default 0. */
  readonly minP?: number;
}

export interface Samples {
  /** i32 [...]. */
  readonly tokens: Tensor;
  /** Of each token, in the distribution it was drawn from, f32 [...]. No gradient flows through it. */
  readonly logProbs: Tensor;
}

/** A logarithm of a sum of exponentials; the tokens are equal. */
const tolerance: Tolerance = { forward: 2e-5, grad: 0 };

const sampleOp = /* @__PURE__ */ defineOp<FusedParams["sample"], "sample">({
  name: "sample",
  shape: ([logits]) => {
    if (logits!.rank !== 2) {
      throw new ShapeError(`sample: expected logits [N, V], got ${formatShape(logits!.shape)}.`);
    }
    return logits!.shape.slice(0, 1);
  },
  dtype: () => "i32",
  // Results: tokens and, if wanted, their log-probabilities, each [N].
  lower: ([logits, state], attrs, { shape, device }) => {
    const inputs = [asRows(logits!), state!.contiguous().lazy.view()];
    const outputs = [{ shape, dtype: "i32" } as const, { shape }].slice(0, attrs.logProbs ? 2 : 1);
    return (
      tryFused(device, "sample", attrs, inputs, outputs) ??
      device.tidy(() => {
        const kept = filtered(logits!.cast("f32"), attrs); // [N, V]
        const tokens = kept.add(gumbelOf(wordsOf(state!, kept.shape))).argmax(-1);
        if (!attrs.logProbs) return [tokens.eval()];
        const chosen = logSoftmax(kept, -1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1);
        return [tokens.eval(), chosen.eval()];
      })
    );
  },
  tolerance,
  cost: (inputs, out) => traffic(inputs, out, 20 * inputs[0]!.size),
});

/** Logits [N, V] over the temperature, −∞ where a filter takes them out. Ties with the last kept one stay. */
function filtered(
  logits: Tensor,
  { temperature, topK, topP, minP }: FusedParams["sample"],
): Tensor {
  let scaled = temperature === 1 ? logits : logits.div(temperature);
  if (topK < logits.shape[1]!) {
    const threshold = topk(scaled, topK).values.narrow(-1, topK - 1, 1); // [N, 1]
    scaled = scaled.lt(threshold).where(-Infinity, scaled);
  }
  if (topP < 1) {
    const ordered = sort(scaled.softmax(-1), -1, { descending: true }).values; // [N, V]
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
  return scaled;
}

/** Throws ArgumentError for options that nothing can be drawn by; `op` is who was called. */
export function checkSampling(
  op: string,
  { temperature = 1, topK, topP = 1, minP = 0 }: SamplingOptions,
): void {
  const check = (holds: boolean, text: string): void => {
    if (!holds) throw new ArgumentError(`${op}: ${text}`);
  };
  check(temperature >= 0, `temperature must be 0 or above, got ${temperature}.`);
  check(
    topK === undefined || (Number.isInteger(topK) && topK > 0),
    `topK must be 1 or more, got ${topK}.`,
  );
  check(topP > 0 && topP <= 1, `topP must be above 0 and at most 1, got ${topP}.`);
  check(minP >= 0 && minP <= 1, `minP must be from 0 to 1, got ${minP}.`);
}

function draw(
  logits: Tensor,
  generator: Generator,
  { temperature = 1, topK = Infinity, topP = 1, minP = 0 }: SamplingOptions,
  logProbs: boolean,
): Tensor[] {
  const shape = logits.shape.slice(0, -1);
  const V = logits.shape[shape.length] ?? 1;
  if (V === 0) {
    throw new ShapeError(
      `sample: logits ${formatShape(logits.shape)} have nothing to choose from.`,
    );
  }
  const rows = logits.reshape([logits.size / V, V]);
  const state = generator.reserve(rows.size);
  const attrs = { temperature, topK: Math.min(topK, V), topP, minP, logProbs };
  const results = sampleOp([rows, state], attrs);
  state.dispose();
  return results.map((x) => x.reshape(shape));
}

/**
 * Draws from softmax(logits / temperature) along the last axis, filtered in the order top-k, top-p, min-p: i32, by the
 * Gumbel-max trick. Equal generators draw equal tokens on every backend, but for ties within rounding. Options are
 * numbers of the recorded step where a step is replayed; a temperature that changes, or differs by row, is a tensor
 * to divide the logits by.
 */
export function sample(
  logits: Tensor,
  generator: Generator,
  options: SamplingOptions = {},
): Tensor {
  checkSampling("sample", options);
  if (options.temperature === 0) return logits.argmax(-1);
  return draw(logits, generator, options, false)[0]!;
}

/** As `sample`, with the log-probability of each token: 0 where the temperature is 0. */
export function sampleWithLogProbs(
  logits: Tensor,
  generator: Generator,
  options: SamplingOptions = {},
): Samples {
  checkSampling("sampleWithLogProbs", options);
  if (options.temperature === 0) {
    const tokens = logits.argmax(-1);
    return { tokens, logProbs: logits.device.zeros(tokens.shape) };
  }
  const [tokens, logProbs] = draw(logits, generator, options, true) as [Tensor, Tensor];
  return { tokens, logProbs: logProbs.detach() };
}
