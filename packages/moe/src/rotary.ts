// Rotary tables with YaRN (DeepSeek-V3 inference/model.py `precompute_freqs_cis`; Hugging Face
// modeling_rope_utils). YaRN's temperature stands in two places: mscale_all_dim raises the softmax scale, and what
// mscale asks for beyond that multiplies cos and sin (nothing for DeepSeek-V3, whose two values are equal).

import { tensor, type Device, type Tensor } from "@sixtyone/tensor";
import type { DeepseekV3Config } from "./config.ts";

/** The angle per position of each pair, highest first: qk_rope_head_dim / 2 numbers. */
export function inverseFrequencies(config: DeepseekV3Config): Float64Array {
  const { qk_rope_head_dim: d, rope_theta: theta, rope_scaling: yarn } = config;
  const base = Float64Array.from({ length: d / 2 }, (_, i) => theta ** ((-2 * i) / d));
  if (!yarn) return base;
  const span = yarn.original_max_position_embeddings;
  // The pair that turns `rotations` times over the original context.
  const pairOf = (rotations: number): number =>
    (d * Math.log(span / (rotations * 2 * Math.PI))) / (2 * Math.log(theta));
  const low = Math.max(Math.floor(pairOf(yarn.beta_fast)), 0);
  const high = Math.min(Math.ceil(pairOf(yarn.beta_slow)), d - 1);
  const width = low === high ? 0.001 : high - low;
  return base.map((frequency, i) => {
    const ramp = Math.min(Math.max((i - low) / width, 0), 1);
    return (frequency / yarn.factor) * ramp + frequency * (1 - ramp);
  });
}

/** YaRN's temperature: 0.1 · mscale · ln(factor) + 1 (arXiv 2309.00071 §3.4); 1 where nothing is stretched. */
function yarnTemperature(factor: number, mscale: number): number {
  return factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1;
}

/** What q·k is multiplied by: (dn + dr)^−½ · m², m the temperature by mscale_all_dim. */
export function softmaxScale(config: DeepseekV3Config): number {
  const { qk_nope_head_dim: dn, qk_rope_head_dim: dr, rope_scaling: yarn } = config;
  const m = yarn ? yarnTemperature(yarn.factor, yarn.mscale_all_dim) : 1;
  return (dn + dr) ** -0.5 * m * m;
}

/** What cos and sin are multiplied by. Where a file leaves mscale or mscale_all_dim at 0, YaRN's own value. */
export function attentionFactor({ rope_scaling: yarn }: DeepseekV3Config): number {
  if (!yarn) return 1;
  const { factor, mscale, mscale_all_dim: all } = yarn;
  return mscale && all
    ? yarnTemperature(factor, mscale) / yarnTemperature(factor, all)
    : yarnTemperature(factor, 1);
}

export interface RotaryTables {
  /** [T, dr/2] each, for positions 0..T−1. */
  readonly cos: Tensor;
  readonly sin: Tensor;
}

export function rotaryTables(device: Device, config: DeepseekV3Config, T: number): RotaryTables {
  const frequencies = inverseFrequencies(config);
  const half = frequencies.length;
  const factor = attentionFactor(config);
  const cos = new Float32Array(T * half);
  const sin = new Float32Array(T * half);
  for (let t = 0; t < T; t++) {
    for (let i = 0; i < half; i++) {
      cos[t * half + i] = factor * Math.cos(t * frequencies[i]!);
      sin[t * half + i] = factor * Math.sin(t * frequencies[i]!);
    }
  }
  const shape = [T, half];
  return { cos: tensor(device, cos, { shape }), sin: tensor(device, sin, { shape }) };
}
