// What the trainer needs of a model, and nothing more: any policy that satisfies these interfaces can be
// trained, whatever its architecture.

import type { Device, Generator, Tensor } from "@sixtyone/tensor";

export interface RolloutOptions {
  readonly maxNewTokens: number;
  readonly temperature: number;
  readonly generator: Generator;
  readonly signal?: AbortSignal;
}

export interface Rollout {
  /** Token ids after each prompt, with the end token where there is one. */
  readonly completions: readonly (readonly number[])[];
  /** False where the completion was cut off at maxNewTokens. */
  readonly terminated: readonly boolean[];
}

export interface TokenLogProbs {
  /** log p(ids[t + 1] | ids[0..t]) of the tempered policy, [B, T − 1]. Differentiable. */
  readonly logProbs: Tensor;
  /** Entropy of each of those distributions in nats, [B, T − 1]. */
  readonly entropy: Tensor;
}

/** Scores sequences. The reference of the KL term needs no more than this. */
export interface Scorer {
  /** ids: i32 [B, T], padded on the right. */
  logProbs(ids: Tensor, temperature: number): TokenLogProbs;
}

export interface Policy extends Scorer {
  readonly device: Device;
  /** The leaves that gradients train, by name. */
  trainableParameters(): ReadonlyMap<string, Tensor>;
  generate(prompts: readonly (readonly number[])[], options: RolloutOptions): Promise<Rollout>;
  /** Called after each optimizer step, for instance to balance experts. */
  afterUpdate?(): void;
}

export interface Tokenizer {
  encode(text: string): number[];
  decode(ids: readonly number[]): string;
}
