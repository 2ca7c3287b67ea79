import { deepseekV3, type DeepseekV3Config } from "@sixtyone/moe";

/**
 * Every part of DeepSeek-V3, small: a dense layer, then one with 8 experts in 4 groups and a shared one. The last
 * token ends a text.
 */
export function tinyConfig(vocabulary: number): DeepseekV3Config {
  return deepseekV3({
    vocab_size: vocabulary,
    hidden_size: 16,
    num_hidden_layers: 2,
    first_k_dense_replace: 1,
    intermediate_size: 24,
    moe_intermediate_size: 8,
    n_routed_experts: 8,
    num_experts_per_tok: 3,
    n_group: 4,
    topk_group: 2,
    num_attention_heads: 2,
    q_lora_rank: 12,
    kv_lora_rank: 8,
    qk_nope_head_dim: 6,
    qk_rope_head_dim: 4,
    v_head_dim: 5,
    max_position_embeddings: 64,
    initializer_range: 0.3,
    rope_scaling: null,
    eos_token_id: vocabulary - 1,
  });
}
