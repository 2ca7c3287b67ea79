// The model as the trainer sees it: DeepSeek-V3's architecture at a size that learns on a laptop.

import { DeepseekV3, deepseekV3, generate, type DeepseekV3Config } from "@sixtyone/moe";
import type { Policy, Rollout, RolloutOptions, TokenLogProbs } from "@sixtyone/grpo";
import type { Device, Tensor } from "@sixtyone/tensor";
import { bosTokenId, eosTokenId, vocabularySize } from "./tokenizer.ts";

/** One dense layer, then two with 8 routed experts (2 a token, from 2 of 4 groups) and a shared one. */
export const modelConfig: DeepseekV3Config = deepseekV3({
  vocab_size: vocabularySize,
  hidden_size: 64,
  num_hidden_layers: 3,
  first_k_dense_replace: 1,
  intermediate_size: 192,
  moe_intermediate_size: 64,
  n_routed_experts: 8,
  n_shared_experts: 1,
  num_experts_per_tok: 2,
  n_group: 4,
  topk_group: 2,
  routed_scaling_factor: 1,
  num_attention_heads: 4,
  q_lora_rank: null,
  kv_lora_rank: 32,
  qk_nope_head_dim: 16,
  qk_rope_head_dim: 16,
  v_head_dim: 16,
  rope_scaling: null,
  max_position_embeddings: 256,
  initializer_range: 0.06,
  bos_token_id: bosTokenId,
  eos_token_id: eosTokenId,
});

export interface ScoredTokens extends TokenLogProbs {
  readonly expertLoads: readonly Tensor[];
}

export class DeepseekPolicy implements Policy {
  readonly model: DeepseekV3;
  readonly device: Device;

  constructor(model: DeepseekV3) {
    this.model = model;
    this.device = model.device;
  }

  trainableParameters(): ReadonlyMap<string, Tensor> {
    return this.model.trainableParameters();
  }

  generate(prompts: readonly (readonly number[])[], options: RolloutOptions): Promise<Rollout> {
    return generate(this.model, prompts, options);
  }

  /** Log-probabilities of ids[1..] [B, T − 1], and how many tokens each expert got. */
  logProbs(ids: Tensor, temperature: number = 1): ScoredTokens {
    const [B, T] = ids.shape as [number, number];
    const { states, expertLoads } = this.model.forward(ids.narrow(1, 0, T - 1)); // [B, T − 1, D]
    const targets = ids.narrow(1, 1, T - 1).reshape([-1]);
    const flat = states.reshape([B * (T - 1), this.model.config.hidden_size]);
    const { logProb, entropy } = this.model.logProbs(flat, targets, temperature);
    const shape = [B, T - 1];
    return { logProbs: logProb.reshape(shape), entropy: entropy.reshape(shape), expertLoads };
  }
}
