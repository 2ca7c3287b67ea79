// Multi-head latent attention (DeepSeek-V2 §2.1, DeepSeek-V3 §2.1.1). Two forms that are equal by
// algebra: expanded for training (keys and values per head), absorbed for decoding (the cache holds one
// latent of rkv + dr numbers per token, shared by all heads).
//
// Letters: B batch, T new tokens, S tokens seen, H heads, dn/dr/dv head sizes, rkv latent size.

import { assign, attention, concat, linear, rmsNorm, rope, type Tensor } from "@sixtyone/tensor";
import type { DeepseekV3Config } from "./config.ts";
import { softmaxScale, type RotaryTables } from "./rotary.ts";

/** Of the two norms inside latent attention, whatever the configuration says of the others: as DeepSeek's code. */
const latentNormEps = 1e-6;

/** A parameter by its name below the layer, for instance "self_attn.o_proj.weight". */
export type Weights = (name: string) => Tensor;

interface Projected {
  readonly qNope: Tensor; // [B, T, H, dn]
  readonly qRope: Tensor; // [B, T, H, dr]
  readonly latent: Tensor; // [B, T, rkv], normalised
  readonly kRope: Tensor; // [B, T, dr]
}

/** Queries and the compressed keys and values of x [B, T, D]; `tables` hold the T positions of x. */
function project(
  config: DeepseekV3Config,
  weights: Weights,
  x: Tensor,
  tables: RotaryTables,
): Projected {
  const { num_attention_heads: H, kv_lora_rank: rkv } = config;
  const { qk_nope_head_dim: dn, qk_rope_head_dim: dr } = config;
  const [B, T] = x.shape as [number, number, number];
  const query =
    config.q_lora_rank === null
      ? linear(x, weights("q_proj.weight"))
      : linear(
          rmsNorm(
            linear(x, weights("q_a_proj.weight")),
            weights("q_a_layernorm.weight"),
            latentNormEps,
          ),
          weights("q_b_proj.weight"),
        );
  const q = query.reshape([B, T, H, dn + dr]);
  const compressed = linear(x, weights("kv_a_proj_with_mqa.weight")); // [B, T, rkv + dr]
  const latent = rmsNorm(
    compressed.narrow(-1, 0, rkv),
    weights("kv_a_layernorm.weight"),
    latentNormEps,
  );
  const perHead = { cos: tables.cos.unsqueeze(1), sin: tables.sin.unsqueeze(1) }; // [T, 1, dr/2]
  return {
    qNope: q.narrow(-1, 0, dn),
    qRope: rope(q.narrow(-1, dn, dr), perHead.cos, perHead.sin),
    latent,
    kRope: rope(compressed.narrow(-1, rkv, dr), tables.cos, tables.sin),
  };
}

/** Causal self-attention over whole sequences, [B, T, D] → [B, T, D]. */
export function expandedAttention(
  config: DeepseekV3Config,
  weights: Weights,
  x: Tensor,
  tables: RotaryTables,
): Tensor {
  const { num_attention_heads: H, qk_nope_head_dim: dn, v_head_dim: dv } = config;
  const [B, T] = x.shape as [number, number, number];
  const { qNope, qRope, latent, kRope } = project(config, weights, x, tables);
  const kv = linear(latent, weights("kv_b_proj.weight")).reshape([B, T, H, dn + dv]);
  const shared = kRope.unsqueeze(2).expand([B, T, H, kRope.shape[2]!]);
  const q = concat([qNope, qRope], -1); // [B, T, H, dn + dr]
  const k = concat([kv.narrow(-1, 0, dn), shared], -1); // [B, T, H, dn + dr]
  const v = kv.narrow(-1, dn, dv); // [B, T, H, dv]
  const heads = [0, 2, 1, 3];
  const o = attention(q.permute(heads), k.permute(heads), v.permute(heads), {
    scale: softmaxScale(config),
    causal: true,
  }); // [B, H, T, dv]
  return linear(o.permute(heads).reshape([B, T, H * dv]), weights("o_proj.weight"));
}

/**
 * Causal attention of T new tokens at positions start..start+T−1 over a cache [B, capacity, rkv + dr],
 * which it extends in place. Inference only: nothing is recorded.
 */
export function absorbedAttention(
  config: DeepseekV3Config,
  weights: Weights,
  x: Tensor,
  tables: RotaryTables,
  cache: Tensor,
  start: number,
): Tensor {
  const { num_attention_heads: H, kv_lora_rank: rkv } = config;
  const { qk_nope_head_dim: dn, v_head_dim: dv } = config;
  const [B, T] = x.shape as [number, number, number];
  const { qNope, qRope, latent, kRope } = project(config, weights, x, tables);
  assign(cache.narrow(1, start, T), concat([latent, kRope], -1));
  const wkv = weights("kv_b_proj.weight").reshape([H, dn + dv, rkv]);
  const wk = wkv.narrow(1, 0, dn); // [H, dn, rkv]
  const wv = wkv.narrow(1, dn, dv); // [H, dv, rkv]
  // q̃ = q_nope · Wk moves the key's up-projection to the query's side: [B, H, T, rkv].
  const absorbed = qNope.permute([0, 2, 1, 3]).matmul(wk);
  const q = concat([absorbed, qRope.permute([0, 2, 1, 3])], -1);
  const S = start + T;
  const seen = cache.narrow(1, 0, S).unsqueeze(1); // [B, 1, S, rkv + dr]
  const keys = seen.expand([B, H, S, seen.shape[3]!]);
  const o = attention(q, keys, keys.narrow(-1, 0, rkv), {
    scale: softmaxScale(config),
    causal: true,
  }); // [B, H, T, rkv]
  const values = o.matmul(wv.transpose()); // [B, H, T, dv]
  const merged = values.permute([0, 2, 1, 3]).reshape([B, T, H * dv]);
  return linear(merged, weights("o_proj.weight"));
}
