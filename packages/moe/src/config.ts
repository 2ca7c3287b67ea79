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

/** Keys that have one value in every DeepSeek-V3; another one would be another architecture. */
const fixed: Readonly<Record<string, unknown>> = {
  hidden_act: "silu",
  scoring_func: "sigmoid",
  topk_method: "noaux_tc",
  moe_layer_freq: 1,
  attention_bias: false,
  tie_word_embeddings: false,
  rope_interleave: true,
};

/**
 * Reads a config.json, of old and new versions of transformers. Throws ArgumentError naming the key that is
 * missing, wrong, or asks for what this architecture does not have.
 */
export function parseConfig(json: unknown): DeepseekV3Config {
  if (!isRecord(json)) {
    throw new ArgumentError("config: expected a JSON object with Hugging Face's config.json keys.");
  }
  if (json["model_type"] !== "deepseek_v3") {
    throw new ArgumentError(
      `config: expected model_type "deepseek_v3", got ${JSON.stringify(json["model_type"])}. ` +
        `This package runs the DeepSeek-V3 architecture only.`,
    );
  }
  for (const [key, value] of Object.entries(fixed)) {
    if (json[key] === undefined || json[key] === value) continue;
    throw new ArgumentError(
      `config: ${key} is ${JSON.stringify(json[key])}; DeepSeek-V3 has ${JSON.stringify(value)} and nothing else is supported.`,
    );
  }
  const { num_attention_heads: heads, num_key_value_heads: kvHeads = heads } = json;
  if (kvHeads !== heads) {
    throw new ArgumentError(
      `config: num_key_value_heads ${JSON.stringify(kvHeads)} must equal num_attention_heads ` +
        `${JSON.stringify(heads)}: latent attention has no groups.`,
    );
  }
  const rope = rotaryKeys(json);
  const given: Record<string, unknown> = {
    ...json,
    ...rope,
    q_lora_rank: json["q_lora_rank"] || null,
  };
  const config: Record<string, unknown> = {
    rope_scaling: rope.rope_scaling,
    q_lora_rank: given["q_lora_rank"],
  };
  for (const [key, example] of Object.entries(deepseekV3Config)) {
    if (config[key] === null || key === "rope_scaling") continue;
    config[key] = checked(given, key, typeof example);
  }
  const parsed = config as unknown as DeepseekV3Config;
  checkConfig(parsed);
  return parsed;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function checked(
  given: Readonly<Record<string, unknown>>,
  key: string,
  type: string,
  label = key,
): unknown {
  const value = given[key];
  if (value === undefined) throw new ArgumentError(`config: the key ${label} is missing.`);
  if (typeof value !== type) {
    throw new ArgumentError(`config: ${label} must be a ${type}, got ${JSON.stringify(value)}.`);
  }
  return value;
}

/** transformers before version 5 has rope_theta and rope_scaling, from 5 on rope_parameters with both. */
function rotaryKeys(json: Readonly<Record<string, unknown>>): {
  rope_theta: unknown;
  rope_scaling: YarnScaling | null;
} {
  const { rope_parameters: both } = json;
  const scaling = isRecord(both) ? both : json["rope_scaling"];
  const rope_theta = (isRecord(both) ? both["rope_theta"] : undefined) ?? json["rope_theta"];
  if (scaling === undefined || scaling === null) return { rope_theta, rope_scaling: null };
  const type = isRecord(scaling) ? (scaling["rope_type"] ?? scaling["type"]) : undefined;
  if (isRecord(scaling) && type === "default") return { rope_theta, rope_scaling: null };
  if (!isRecord(scaling) || type !== "yarn") {
    throw new ArgumentError(
      `config: rope_scaling must be null or of the type "yarn", got ${JSON.stringify(scaling)}.`,
    );
  }
  // What a file may leave out, as transformers fills it in.
  const complete: Record<string, unknown> = {
    beta_fast: 32,
    beta_slow: 1,
    mscale: 0,
    mscale_all_dim: 0,
    ...scaling,
  };
  const number = (key: string) => checked(complete, key, "number", `rope_scaling.${key}`) as number;
  return {
    rope_theta,
    rope_scaling: {
      type: "yarn",
      factor: number("factor"),
      original_max_position_embeddings: number("original_max_position_embeddings"),
      beta_fast: number("beta_fast"),
      beta_slow: number("beta_slow"),
      mscale: number("mscale"),
      mscale_all_dim: number("mscale_all_dim"),
    },
  };
}

const fractions = new Set([
  "routed_scaling_factor",
  "rope_theta",
  "rms_norm_eps",
  "initializer_range",
]);

function checkConfig(config: DeepseekV3Config): void {
  const require = (holds: boolean, problem: string): void => {
    if (!holds) throw new ArgumentError(`config: ${problem}`);
  };
  const { n_routed_experts: E, n_group: groups, topk_group, num_experts_per_tok: K } = config;
  for (const [key, value] of Object.entries(config)) {
    if (typeof value !== "number" || key.endsWith("_token_id")) continue;
    const mayBeZero = key === "first_k_dense_replace" || key === "n_shared_experts";
    require(value > 0 || (mayBeZero && value === 0), `${key} must be above 0, got ${value}.`);
    require(fractions.has(key) ||
      Number.isInteger(value), `${key} must be a whole number, got ${value}.`);
  }
  const yarn = config.rope_scaling;
  require(!yarn || yarn.factor >= 1, `rope_scaling.factor must be 1 or more, got ${yarn?.factor}.`);
  require(!yarn ||
    yarn.original_max_position_embeddings >
      0, `rope_scaling.original_max_position_embeddings must be above 0, got ${yarn?.original_max_position_embeddings}.`);
  require(E % groups === 0, `n_routed_experts ${E} must be a multiple of n_group ${groups}.`);
  require(topk_group <= groups, `topk_group ${topk_group} must be at most n_group ${groups}.`);
  const reachable = (E / groups) * topk_group;
  require(K <=
    reachable, `num_experts_per_tok ${K} must be at most the ${reachable} experts in reach.`);
  require(config.qk_rope_head_dim % 2 === 0, "qk_rope_head_dim must be even.");
  require(groups === 1 ||
    E / groups >= 2, "a group needs two experts: it is scored by its best two.");
}
