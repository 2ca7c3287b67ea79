// The model's parameters by Hugging Face's names. Routed experts are kept stacked (one tensor for all
// experts of a layer), which is what the grouped kernels take; checkpoints split them into
// `experts.{e}.gate_proj.weight` and so on, see checkpoint.ts.

import { Generator, zeros, type Device, type Tensor } from "@sixtyone/tensor";
import type { DeepseekV3Config } from "./config.ts";

export type ParameterKind = "matrix" | "norm" | "bias";

export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** Matrices start normal, norms at 1, the gate's selection bias at 0 (it gets no gradient). */
  readonly kind: ParameterKind;
}

/** All parameters in checkpoint order. D hidden, H heads, E experts, I expert width, V vocabulary. */
export function parameterSpecs(config: DeepseekV3Config): ParameterSpec[] {
  const { hidden_size: D, vocab_size: V } = config;
  const specs: ParameterSpec[] = [matrix("model.embed_tokens.weight", V, D)];
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const prefix = `model.layers.${layer}`;
    specs.push(
      norm(`${prefix}.input_layernorm.weight`, D),
      ...attentionSpecs(config, `${prefix}.self_attn`),
      norm(`${prefix}.post_attention_layernorm.weight`, D),
      ...(layer < config.first_k_dense_replace
        ? mlpSpecs(`${prefix}.mlp`, D, config.intermediate_size)
        : moeSpecs(config, `${prefix}.mlp`)),
    );
  }
  specs.push(norm("model.norm.weight", D), matrix("lm_head.weight", V, D));
  return specs;
}

function attentionSpecs(config: DeepseekV3Config, prefix: string): ParameterSpec[] {
  const { hidden_size: D, num_attention_heads: H, q_lora_rank: rq, kv_lora_rank: rkv } = config;
  const { qk_nope_head_dim: dn, qk_rope_head_dim: dr, v_head_dim: dv } = config;
  const query =
    rq === null
      ? [matrix(`${prefix}.q_proj.weight`, H * (dn + dr), D)]
      : [
          matrix(`${prefix}.q_a_proj.weight`, rq, D),
          norm(`${prefix}.q_a_layernorm.weight`, rq),
          matrix(`${prefix}.q_b_proj.weight`, H * (dn + dr), rq),
        ];
  return [
    ...query,
    matrix(`${prefix}.kv_a_proj_with_mqa.weight`, rkv + dr, D),
    norm(`${prefix}.kv_a_layernorm.weight`, rkv),
    matrix(`${prefix}.kv_b_proj.weight`, H * (dn + dv), rkv),
    matrix(`${prefix}.o_proj.weight`, D, H * dv),
  ];
}

function mlpSpecs(prefix: string, D: number, width: number): ParameterSpec[] {
  return [
    matrix(`${prefix}.gate_proj.weight`, width, D),
    matrix(`${prefix}.up_proj.weight`, width, D),
    matrix(`${prefix}.down_proj.weight`, D, width),
  ];
}

function moeSpecs(config: DeepseekV3Config, prefix: string): ParameterSpec[] {
  const { hidden_size: D, n_routed_experts: E, moe_intermediate_size: I } = config;
  const shared = I * config.n_shared_experts;
  return [
    matrix(`${prefix}.gate.weight`, E, D),
    { name: `${prefix}.gate.e_score_correction_bias`, shape: [E], kind: "bias" },
    matrix(`${prefix}.experts.gate_up_proj`, E, 2 * I, D),
    matrix(`${prefix}.experts.down_proj`, E, D, I),
    ...(shared > 0 ? mlpSpecs(`${prefix}.shared_experts`, D, shared) : []),
  ];
}

function matrix(name: string, ...shape: number[]): ParameterSpec {
  return { name, shape, kind: "matrix" };
}

function norm(name: string, width: number): ParameterSpec {
  return { name, shape: [width], kind: "norm" };
}

/** Fresh parameters: normal(0, initializer_range), norms 1, biases 0. Equal seeds give equal models. */
export function initialParameters(
  device: Device,
  config: DeepseekV3Config,
  seed: number,
): Map<string, Tensor> {
  const generator = new Generator(device, seed);
  const parameters = new Map<string, Tensor>();
  for (const { name, shape, kind } of parameterSpecs(config)) {
    const value = device.tidy(() =>
      kind === "matrix"
        ? generator.normal(shape, 0, config.initializer_range).eval()
        : zeros(device, shape)
            .add(kind === "norm" ? 1 : 0)
            .eval(),
    );
    parameters.set(name, value);
  }
  return parameters;
}
