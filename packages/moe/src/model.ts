// The DeepSeek-V3 language model (arXiv 2412.19437 §2.1): embedding, blocks of latent attention and
// feed-forward with RMSNorm before each, final norm, head. One class for training (whole sequences) and
// decoding (with a cache).

import {
  ArgumentError,
  assign,
  embedding,
  linear,
  linearLogProb,
  noGrad,
  rmsNorm,
  type Device,
  type LogProbs,
  type Tensor,
} from "@sixtyone/tensor";
import { absorbedAttention, expandedAttention, type Weights } from "./attention.ts";
import type { KeyValueCache } from "./cache.ts";
import type { DeepseekV3Config } from "./config.ts";
import { denseFeedForward, mixtureOfExperts } from "./feed-forward.ts";
import { initialParameters, parameterSpecs } from "./parameters.ts";
import { rotaryTables, type RotaryTables } from "./rotary.ts";

export interface Hidden {
  /** Final hidden states after the last norm, [B, T, D]. */
  readonly states: Tensor;
  /** Tokens per expert, i32 [E], one entry per mixture-of-experts layer in order. */
  readonly expertLoads: readonly Tensor[];
}

export class DeepseekV3 {
  readonly device: Device;
  readonly config: DeepseekV3Config;
  /** By Hugging Face's names; experts stacked per layer (see parameters.ts). */
  readonly parameters: ReadonlyMap<string, Tensor>;
  #tables: RotaryTables | undefined;

  /** Takes over the parameters. Throws ArgumentError if one is missing or has another shape. */
  constructor(device: Device, config: DeepseekV3Config, parameters: ReadonlyMap<string, Tensor>) {
    for (const { name, shape } of parameterSpecs(config)) {
      const got = parameters.get(name)?.shape;
      if (got?.join() !== shape.join()) {
        throw new ArgumentError(
          `DeepseekV3: parameter ${name} must be [${shape.join(", ")}], ` +
            `${got ? `got [${got.join(", ")}]` : "it is missing"}. Is this the checkpoint's own config?`,
        );
      }
    }
    this.device = device;
    this.config = config;
    this.parameters = parameters;
  }

  /** A model with fresh weights. */
  static initialize(device: Device, config: DeepseekV3Config, seed: number): DeepseekV3 {
    return new DeepseekV3(device, config, initialParameters(device, config, seed));
  }

  /** The parameters that gradients train: all but the gates' selection biases. */
  trainableParameters(): Map<string, Tensor> {
    return new Map([...this.parameters].filter(([name]) => !isSelectionBias(name)));
  }

  /** The number of parameters, gate biases included. */
  get parameterCount(): number {
    return [...this.parameters.values()].reduce((sum, p) => sum + p.size, 0);
  }

  /** Hidden states of whole sequences, ids i32 [B, T]. Position t sees positions ≤ t. */
  forward(ids: Tensor): Hidden {
    const [, T] = this.#checkIds(ids);
    const tables = this.#positions(0, T);
    return this.#blocks(ids, (weights, x) => expandedAttention(this.config, weights, x, tables));
  }

  /** Hidden states of T new tokens at `cache.length`.., extending the cache. Records no gradients. */
  decode(ids: Tensor, cache: KeyValueCache): Tensor {
    return noGrad(() => {
      const [B, T] = this.#checkIds(ids);
      const start = cache.extend(B, T);
      const tables = this.#positions(start, T);
      const { states } = this.#blocks(ids, (weights, x, layer) =>
        absorbedAttention(this.config, weights, x, tables, cache.layers[layer]!, start),
      );
      return states;
    });
  }

  /** Logits [..., V] of hidden states [..., D]. */
  logits(states: Tensor): Tensor {
    return linear(states, this.#parameter("lm_head.weight"));
  }

  /** Log-probabilities of `targets` (i32 [N]) after hidden states [N, D]; the logits are never stored. */
  logProbs(states: Tensor, targets: Tensor, temperature: number = 1): LogProbs {
    return linearLogProb(states, this.#parameter("lm_head.weight"), targets, { temperature });
  }

  /**
   * Balancing without an auxiliary loss (DeepSeek-V3 §2.1.2): after a step each selection bias moves by
   * `speed`, down where the expert got more than the mean load, up where it got less.
   */
  balance(expertLoads: readonly Tensor[], speed: number): void {
    noGrad(() =>
      this.device.tidy(() => {
        expertLoads.forEach((load, i) => {
          const layer = this.config.first_k_dense_replace + i;
          const bias = this.#parameter(`model.layers.${layer}.mlp.gate.e_score_correction_bias`);
          const counts = load.cast("f32");
          assign(bias, bias.add(counts.mean().sub(counts).sign().mul(speed)));
        });
      }),
    );
  }

  dispose(): void {
    for (const p of this.parameters.values()) p.dispose();
    this.#tables?.cos.dispose();
    this.#tables?.sin.dispose();
  }

  #blocks(ids: Tensor, attend: (weights: Weights, x: Tensor, layer: number) => Tensor): Hidden {
    const { config } = this;
    const eps = config.rms_norm_eps;
    const [B, T] = ids.shape as [number, number];
    const D = config.hidden_size;
    const expertLoads: Tensor[] = [];
    let h = embedding(this.#parameter("model.embed_tokens.weight"), ids); // [B, T, D]
    for (let layer = 0; layer < config.num_hidden_layers; layer++) {
      const weights = this.#below(`model.layers.${layer}`);
      const attentionInput = rmsNorm(h, weights("input_layernorm.weight"), eps);
      h = h.add(attend((name) => weights(`self_attn.${name}`), attentionInput, layer));
      const mlp: Weights = (name) => weights(`mlp.${name}`);
      const x = rmsNorm(h, weights("post_attention_layernorm.weight"), eps).reshape([B * T, D]);
      if (layer < config.first_k_dense_replace) {
        h = h.add(denseFeedForward(mlp, x).reshape([B, T, D]));
      } else {
        const { output, load } = mixtureOfExperts(config, mlp, x);
        expertLoads.push(load);
        h = h.add(output.reshape([B, T, D]));
      }
    }
    return { states: rmsNorm(h, this.#parameter("model.norm.weight"), eps), expertLoads };
  }

  #parameter(name: string): Tensor {
    return this.parameters.get(name)!;
  }

  #below(prefix: string): Weights {
    return (name) => this.#parameter(`${prefix}.${name}`);
  }

  #checkIds(ids: Tensor): readonly [number, number] {
    if (ids.rank !== 2 || ids.dtype !== "i32") {
      throw new ArgumentError(
        `DeepseekV3: token ids are i32 [B, T], got ${ids.dtype} [${ids.shape.join(", ")}].`,
      );
    }
    return ids.shape as unknown as readonly [number, number];
  }

  /** Rotary tables of positions start..start+T−1; grown in powers of two and kept. */
  #positions(start: number, T: number): RotaryTables {
    const end = start + T;
    const limit = this.config.max_position_embeddings;
    if (end > limit) {
      throw new ArgumentError(
        `DeepseekV3: position ${end - 1} is beyond max_position_embeddings ${limit}. ` +
          `Shorten the sequence.`,
      );
    }
    if (!this.#tables || this.#tables.cos.shape[0]! < end) {
      const size = Math.min(limit, 2 ** Math.ceil(Math.log2(Math.max(end, 64))));
      this.#tables?.cos.dispose();
      this.#tables?.sin.dispose();
      // The tables outlive whatever scope the caller is in.
      this.#tables = this.device.unscoped(() => rotaryTables(this.device, this.config, size));
    }
    const { cos, sin } = this.#tables;
    return { cos: cos.narrow(0, start, T), sin: sin.narrow(0, start, T) };
  }
}

function isSelectionBias(name: string): boolean {
  return name.endsWith("e_score_correction_bias");
}
