// Batched generation over a cache. All rows stand at the same position; a row whose prompt is longer than
// the shortest is fed its own prompt until it ends (as in DeepSeek-V3's inference/generate.py), so there is
// no padding and no mask. Tokens stay on the device; the host only looks every few steps whether all rows
// have ended.

import {
  ArgumentError,
  assign,
  checkSampling,
  noGrad,
  sample,
  tensor,
  yieldToHost,
  zeros,
  type Generator,
  type SamplingOptions,
  type Tensor,
} from "@sixtyone/tensor";
import { KeyValueCache } from "./cache.ts";
import type { DeepseekV3 } from "./model.ts";

export interface GenerateOptions extends SamplingOptions {
  /** The most tokens a completion may have. */
  readonly maxNewTokens: number;
  readonly generator: Generator;
  /** Ends a completion (and is its last token). Default: the configuration's eos_token_id. */
  readonly eosTokenId?: number;
  readonly signal?: AbortSignal;
}

export interface Generation {
  /** Token ids after each prompt, with the end token where there is one. */
  readonly completions: readonly (readonly number[])[];
  /** Whether each completion ended by itself rather than at maxNewTokens. */
  readonly terminated: readonly boolean[];
}

/** Steps between two looks at the device: each costs a read, each step after the end is wasted. */
const stepsPerCheck = 8;

export async function generate(
  model: DeepseekV3,
  prompts: readonly (readonly number[])[],
  options: GenerateOptions,
): Promise<Generation> {
  checkPrompts(model, prompts, options);
  checkSampling("generate", options);
  const { device, config } = model;
  const { maxNewTokens, eosTokenId = config.eos_token_id } = options;
  const B = prompts.length;
  const lengths = prompts.map((prompt) => prompt.length);
  const [shortest, longest] = [Math.min(...lengths), Math.max(...lengths)];
  const total = longest + maxNewTokens;

  using _scope = device.scope();
  using cache = new KeyValueCache(device, config, B, total - 1);
  const padded = Int32Array.from({ length: B * total }, (_, i) => {
    return prompts[Math.floor(i / total)]![i % total] ?? eosTokenId;
  });
  const ids = tensor(device, padded, { shape: [B, total] });
  const promptLengths = tensor(device, Int32Array.from(lengths)); // [B]
  const done = zeros(device, [B], "i32").eval();

  let fed = 0;
  for (let position = shortest; position < total; position++) {
    options.signal?.throwIfAborted();
    noGrad(() =>
      device.tidy(() => {
        const next = step(model, ids.narrow(1, fed, position - fed), cache, options);
        const given = ids.select(1, position); // the prompt's token, or the end token as padding
        const inPrompt = promptLengths.gt(position);
        const chosen = inPrompt.where(given, done.gt(0).where(eosTokenId, next));
        // A row also ends when its own budget is spent, if its prompt was shorter than the longest.
        const spent = promptLengths.add(maxNewTokens - 1).le(position);
        const ended = inPrompt.logicalNot().logicalAnd(chosen.eq(eosTokenId).logicalOr(spent));
        assign(ids.select(1, position), chosen.cast("i32"));
        assign(done, done.gt(0).logicalOr(ended).cast("i32"));
      }),
    );
    fed = position;
    if ((position - shortest + 1) % stepsPerCheck !== 0) continue;
    await yieldToHost();
    if (position >= longest && (await done.min().item()) > 0) break;
  }
  return collect((await ids.data()) as Int32Array, lengths, total, maxNewTokens, eosTokenId);
}

/** Feeds tokens [B, T] and draws the next, i32 [B]. */
function step(
  model: DeepseekV3,
  tokens: Tensor,
  cache: KeyValueCache,
  options: GenerateOptions,
): Tensor {
  const states = model.decode(tokens, cache); // [B, T, D]
  const last = states.select(1, states.shape[1]! - 1); // [B, D]
  return sample(model.logits(last), options.generator, options);
}

function collect(
  ids: Int32Array,
  lengths: readonly number[],
  total: number,
  maxNewTokens: number,
  eosTokenId: number,
): Generation {
  const terminated: boolean[] = [];
  const completions = lengths.map((length, row) => {
    const start = row * total + length;
    const tokens = ids.subarray(start, start + maxNewTokens);
    const end = tokens.indexOf(eosTokenId);
    terminated.push(end >= 0);
    return Array.from(end >= 0 ? tokens.subarray(0, end + 1) : tokens);
  });
  return { completions, terminated };
}

function checkPrompts(
  model: DeepseekV3,
  prompts: readonly (readonly number[])[],
  { maxNewTokens }: GenerateOptions,
): void {
  const V = model.config.vocab_size;
  if (prompts.length === 0)
    throw new ArgumentError("generate: expected at least one prompt, got none.");
  if (!Number.isInteger(maxNewTokens) || maxNewTokens < 1) {
    throw new ArgumentError(`generate: maxNewTokens must be 1 or more, got ${maxNewTokens}.`);
  }
  prompts.forEach((prompt, row) => {
    if (prompt.length === 0) {
      throw new ArgumentError(
        `generate: prompt ${row} is empty. Begin it with the token bos_token_id.`,
      );
    }
    const bad = prompt.find((id) => !Number.isInteger(id) || id < 0 || id >= V);
    if (bad !== undefined) {
      throw new ArgumentError(
        `generate: prompt ${row} holds the token ${bad}, outside 0..${V - 1}.`,
      );
    }
  });
}
