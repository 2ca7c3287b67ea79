// Cached, batched generation against the training forward pass: token for token, in mixed-length batches.

import { createDevice, Generator, noGrad, tensor } from "@sixtyone/tensor";
import { reference } from "@sixtyone/tensor/backend";
import { wasm } from "@sixtyone/backend-wasm";
import { describe, expect, test } from "vitest";
import { DeepseekV3, deepseekV3, generate, KeyValueCache } from "../src/index.ts";
import { tinyConfig } from "./tiny.ts";

const backends = { reference: async () => reference(), wasm: () => wasm() };
/** Every branch of the attention: queries in one piece or two, rotary tables plain or stretched. */
const configs = {
  "low-rank queries": tinyConfig,
  "one query matrix, YaRN": deepseekV3({
    ...tinyConfig,
    q_lora_rank: null,
    rms_norm_eps: 1e-3,
    rope_scaling: {
      type: "yarn",
      factor: 8,
      original_max_position_embeddings: 8,
      beta_fast: 32,
      beta_slow: 1,
      mscale: 1,
      mscale_all_dim: 0.707,
    },
  }),
  "one group, two shared experts, no dense layer": deepseekV3({
    ...tinyConfig,
    n_group: 1,
    topk_group: 1,
    n_shared_experts: 2,
    first_k_dense_replace: 0,
    norm_topk_prob: false,
  }),
};
const prompts = [[1, 2, 3], [4, 5], [6, 7, 8, 9, 10], [11]];

describe.each(Object.entries(backends))("%s", (_, open) => {
  test("greedy decoding picks what the whole-sequence forward pass finds most probable", async () => {
    using device = createDevice(await open());
    const model = DeepseekV3.initialize(device, tinyConfig, 1);
    const options = { maxNewTokens: 9, temperature: 0, generator: new Generator(device, 0) };
    const { completions } = await generate(model, prompts, options);
    for (const [row, prompt] of prompts.entries()) {
      const completion = completions[row]!;
      const sequence = Int32Array.from([...prompt, ...completion]).subarray(0, -1);
      const best = await noGrad(() => {
        const { states } = model.forward(tensor(device, sequence, { shape: [1, sequence.length] }));
        return model.logits(states).argmax(-1);
      }).data();
      expect(Array.from(best).slice(prompt.length - 1)).toEqual(completion);
      expect(completion.length).toBeGreaterThan(0);
    }
  });

  test.each(Object.entries(configs))(
    "%s: decoding gives the hidden states of the forward pass",
    async (_, config) => {
      using device = createDevice(await open());
      const model = DeepseekV3.initialize(device, config, 2);
      const ids = tensor(
        device,
        Int32Array.from({ length: 14 }, (_, i) => (5 * i) % 20),
        {
          shape: [2, 7],
        },
      );
      const whole = await noGrad(() => model.forward(ids).states).data();
      using cache = new KeyValueCache(device, config, 2, 7);
      const D = tinyConfig.hidden_size;
      for (const [start, length] of [
        [0, 3],
        [3, 1],
        [4, 1],
        [5, 2],
      ] as const) {
        const states = await model.decode(ids.narrow(1, start, length), cache).data();
        for (let b = 0; b < 2; b++) {
          for (let i = 0; i < length * D; i++) {
            const expected = whole[(b * 7 + start) * D + i]!;
            expect(Math.abs(states[b * length * D + i]! - expected)).toBeLessThan(2e-4);
          }
        }
      }
    },
  );
});

test("equal seeds sample equal tokens, other seeds others", async () => {
  using device = createDevice(await wasm());
  const model = DeepseekV3.initialize(device, tinyConfig, 1);
  const sample = async (seed: number) => {
    const generator = new Generator(device, seed);
    return (await generate(model, prompts, { maxNewTokens: 12, generator })).completions;
  };
  expect(await sample(5)).toEqual(await sample(5));
  expect(await sample(5)).not.toEqual(await sample(6));
});

test("top-k 1 is greedy; a completion stops at the end token", async () => {
  using device = createDevice(await wasm());
  const model = DeepseekV3.initialize(device, tinyConfig, 1);
  const greedy = await generate(model, prompts, {
    maxNewTokens: 8,
    temperature: 0,
    generator: new Generator(device, 0),
  });
  const top1 = await generate(model, prompts, {
    maxNewTokens: 8,
    topK: 1,
    generator: new Generator(device, 3),
  });
  expect(top1.completions).toEqual(greedy.completions);
  const eosTokenId = greedy.completions[0]![2]!;
  const stopped = await generate(model, [prompts[0]!], {
    maxNewTokens: 8,
    temperature: 0,
    eosTokenId,
    generator: new Generator(device, 0),
  });
  const end = greedy.completions[0]!.indexOf(eosTokenId);
  expect(stopped.completions[0]).toEqual(greedy.completions[0]!.slice(0, end + 1));
  expect(stopped.terminated).toEqual([true]);
});

test("bad prompts and options are refused by name", async () => {
  using device = createDevice(reference());
  const model = DeepseekV3.initialize(device, tinyConfig, 1);
  const generator = new Generator(device, 0);
  const run = (p: number[][], more = {}) =>
    generate(model, p, { maxNewTokens: 2, generator, ...more });
  await expect(run([])).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: generate: expected at least one prompt, got none.]`,
  );
  await expect(run([[1], []])).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: generate: prompt 1 is empty. Begin it with the token bos_token_id.]`,
  );
  await expect(run([[1, 99]])).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: generate: prompt 0 holds the token 99, outside 0..19.]`,
  );
  await expect(run([[1]], { temperature: -1 })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: generate: temperature must be 0 or above, got -1.]`,
  );
});
