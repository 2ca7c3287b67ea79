// Equal seeds draw equal numbers on WebGPU and on WebAssembly: bits, uniforms, and the tokens of a model.

import { wasm } from "@sixtyone/backend-wasm";
import { DeepseekV3, deepseekV3, generate, type DeepseekV3Config } from "@sixtyone/moe";
import { createDevice, Generator, type Backend } from "@sixtyone/tensor";
import { expect, test } from "vitest";
import { openBackend } from "./adapter.ts";

const config: DeepseekV3Config = deepseekV3({
  vocab_size: 64,
  hidden_size: 32,
  num_hidden_layers: 3,
  first_k_dense_replace: 1,
  intermediate_size: 48,
  moe_intermediate_size: 16,
  n_routed_experts: 8,
  num_experts_per_tok: 2,
  n_group: 4,
  topk_group: 2,
  num_attention_heads: 2,
  q_lora_rank: null,
  kv_lora_rank: 16,
  qk_nope_head_dim: 8,
  qk_rope_head_dim: 8,
  v_head_dim: 8,
  max_position_embeddings: 64,
  initializer_range: 0.4,
  rope_scaling: null,
  eos_token_id: 63,
});

/** The same on both backends. */
async function both<T>(draw: (backend: Backend) => Promise<T>): Promise<[T, T]> {
  return [await draw(await openBackend()), await draw(await wasm({ threads: 1 }))];
}

export function sameRandomCases(): void {
  test.each([1, 7, 61, 2 ** 31])(
    "seed %i: the same random bits, uniforms and booleans",
    async (seed) => {
      const [ours, theirs] = await both(async (backend) => {
        using device = createDevice(backend);
        const generator = new Generator(device, seed);
        const draws = [
          generator.bits([1001]),
          generator.uniform([33, 31]),
          generator.bernoulli([500], 0.3),
        ];
        return await Promise.all(draws.map(async (x) => Array.from(await x.data())));
      });
      expect(ours).toEqual(theirs);
    },
  );

  test("normals differ by rounding at most", async () => {
    const [ours, theirs] = await both(async (backend) => {
      using device = createDevice(backend);
      return Array.from(await new Generator(device, 3).normal([5000]).data());
    });
    ours.forEach((x, i) =>
      expect(Math.abs(x - theirs[i]!)).toBeLessThan(2e-6 * Math.max(1, Math.abs(theirs[i]!))),
    );
  });

  const prompts = [[1, 2, 3], [4, 5], [6, 7, 8, 9], [10]];
  const samplings = [
    { temperature: 1 },
    { temperature: 0 },
    { temperature: 0.7, topK: 5 },
    { temperature: 1.3, topP: 0.8 },
    { temperature: 1, minP: 0.1 },
  ];
  test.each(samplings)("generate with %o: the same tokens", async (sampling) => {
    const [ours, theirs] = await both(async (backend) => {
      using device = createDevice(backend);
      const model = DeepseekV3.initialize(device, config, 11);
      return await generate(model, prompts, {
        maxNewTokens: 16,
        generator: new Generator(device, 5),
        ...sampling,
      });
    });
    expect(ours).toEqual(theirs);
    expect(new Set(ours.completions.flat()).size).toBeGreaterThan(
      sampling.temperature === 0 ? 2 : 10,
    );
  });
}
