// The configuration of a DeepSeek-V3 model, with the keys of Hugging Face's config.json. Source:
// deepseek-ai/DeepSeek-R1 config.json and the DeepSeek-V3 technical report (arXiv 2412.19437), §4.2.

import { ArgumentError } from "@sixtyone/tensor";

/** YaRN (Peng et al. 2023) as DeepSeek-V3 uses it. */
export interface YarnScaling {
  readonly type: "yarn";
  readonly factor: number;
  readonly original_max_position_embeddings: number;
  readonly beta_fast: number;
  readonly beta_slow: number;
  readonly mscale: number;
  readonly mscale_all_dim: number;
}

export interface DeepseekV3Config {
  readonly model_type: "deepseek_v3";
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly num_hidden_layers: number;
  /** The first layers have a dense feed-forward network; the others are mixtures of experts. */
  readonly first_k_dense_replace: number;
  readonly intermediate_size: number;
  readonly moe_intermediate_size: number;
  readonly n_routed_experts: number;
  readonly n_shared_experts: number;
  readonly num_experts_per_tok: number;
  readonly n_group: number;
  readonly topk_group: number;
  readonly norm_topk_prob: boolean;
  readonly routed_scaling_factor: number;
  readonly num_attention_heads: number;
  /** null: one q_proj instead of the low-rank pair. */
  readonly q_lora_rank: number | null;
  readonly kv_lora_rank: number;
  readonly qk_nope_head_dim: number;
  readonly qk_rope_head_dim: number;
  readonly v_head_dim: number;
  readonly rope_theta: number;
  readonly rope_scaling: YarnScaling | null;
  readonly max_position_embeddings: number;
  readonly rms_norm_eps: number;
  /** Standard deviation of the initial weights. */
  readonly initializer_range: number;
  readonly bos_token_id: number;
  readonly eos_token_id: number;
}

/** The real model: 61 layers, 256 experts, 671 billion parameters. */
export const deepseekV3Config: DeepseekV3Config = {
  model_type: "deepseek_v3",
  vocab_size: 129280,
  hidden_size: 7168,
  num_hidden_layers: 61,
  first_k_dense_replace: 3,
  intermediate_size: 18432,
  moe_intermediate_size: 2048,
  n_routed_experts: 256,
  n_shared_experts: 1,
  num_experts_per_tok: 8,
  n_group: 8,
  topk_group: 4,
  norm_topk_prob: true,
  routed_scaling_factor: 2.5,
  num_attention_heads: 128,
  q_lora_rank: 1536,
  kv_lora_rank: 512,
  qk_nope_head_dim: 128,
  qk_rope_head_dim: 64,
  v_head_dim: 128,
  rope_theta: 10000,
  rope_scaling: {
    type: "yarn",
    factor: 40,
    original_max_position_embeddings: 4096,
    beta_fast: 32,
    beta_slow: 1,
    mscale: 1,
    mscale_all_dim: 1,
  },
  max_position_embeddings: 163840,
  rms_norm_eps: 1e-6,
  initializer_range: 0.02,
  bos_token_id: 0,
  eos_token_id: 1,
};

/** Fills in what is left out with the real model's values and checks that the whole makes sense. */
export function deepseekV3(overrides: Partial<DeepseekV3Config> = {}): DeepseekV3Config {
  const config = { ...deepseekV3Config, ...overrides };
  checkConfig(config);
  return config;
}

/** Reads a config.json. Throws ArgumentError naming the key that is missing or wrong. */
export function parseConfig(json: unknown): DeepseekV3Config {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new ArgumentError("config: expected a JSON object with Hugging Face's config.json keys.");
  }
  const given = json as Record<string, unknown>;
  if (given["model_type"] !== "deepseek_v3") {
    throw new ArgumentError(
      `config: expected model_type "deepseek_v3", got ${JSON.stringify(given["model_type"])}. ` +
        `This package runs the DeepSeek-V3 architecture only.`,
    );
  }
  const config: Record<string, unknown> = {};
  for (const [key, example] of Object.entries(deepseekV3Config)) {
    const value = given[key];
    const nullable = key === "q_lora_rank" || key === "rope_scaling";
    if (value === undefined && !nullable) {
      throw new ArgumentError(`config: the key ${key} is missing.`);
    }
    if (value !== null && value !== undefined && typeof value !== typeof example) {
      throw new ArgumentError(
        `config: ${key} must be a ${typeof example}, got ${JSON.stringify(value)}.`,
      );
    }
    config[key] = value ?? null;
  }
  const parsed = config as unknown as DeepseekV3Config;
  checkConfig(parsed);
  return parsed;
}

function checkConfig(config: DeepseekV3Config): void {
  const require = (holds: boolean, problem: string): void => {
    if (!holds) throw new ArgumentError(`config: ${problem}`);
  };
  const { n_routed_experts: E, n_group: groups, topk_group, num_experts_per_tok: K } = config;
  for (const [key, value] of Object.entries(config)) {
    if (typeof value !== "number" || key.endsWith("_token_id")) continue;
    const mayBeZero = key === "first_k_dense_replace" || key === "n_shared_experts";
    require(value > 0 || (mayBeZero && value === 0), `${key} must be above 0, got ${value}.`);
  }
  require(E % groups === 0, `n_routed_experts ${E} must be a multiple of n_group ${groups}.`);
  require(topk_group <= groups, `topk_group ${topk_group} must be at most n_group ${groups}.`);
  const reachable = (E / groups) * topk_group;
  require(K <= reachable, `num_experts_per_tok ${K} must be at most the ${reachable} experts in reach.`);
  require(config.qk_rope_head_dim % 2 === 0, "qk_rope_head_dim must be even.");
  require(groups === 1 || E / groups >= 2, "a group needs two experts: it is scored by its best two.");
}
