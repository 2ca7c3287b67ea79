import { createDevice, tensor } from "@sixtyone/tensor";
import { reference } from "@sixtyone/tensor/backend";
import { expect, test } from "vitest";
import { DeepseekV3, loadCheckpoint, parseConfig, saveCheckpoint } from "../src/index.ts";
import { tinyConfig } from "./tiny.ts";

test("a checkpoint comes back bit for bit, and the published names are in it", async () => {
  using device = createDevice(reference());
  const model = DeepseekV3.initialize(device, tinyConfig, 4);
  const bytes = await saveCheckpoint(model, { metadata: { made: "here" } });
  const { model: loaded, metadata } = loadCheckpoint(device, bytes);
  expect(metadata["made"]).toBe("here");
  expect(loaded.config).toEqual(tinyConfig);
  for (const [name, parameter] of model.parameters) {
    expect(await loaded.parameters.get(name)!.data(), name).toEqual(await parameter.data());
  }
  const header = new TextDecoder().decode(bytes.subarray(8, 12_000));
  expect(header).toContain('"model.layers.1.mlp.experts.7.down_proj.weight"');
});

test("bf16 halves the matrices and stays close", async () => {
  using device = createDevice(reference());
  const model = DeepseekV3.initialize(device, tinyConfig, 4);
  const [full, half] = [
    await saveCheckpoint(model),
    await saveCheckpoint(model, { dtype: "bf16" }),
  ];
  expect(half.byteLength).toBeLessThan(0.7 * full.byteLength);
  const { model: loaded } = loadCheckpoint(device, half);
  const [a, b] = await Promise.all(
    [model, loaded].map((m) => m.parameters.get("lm_head.weight")!.data()),
  );
  a!.forEach((x, i) => expect(Math.abs(x - b![i]!)).toBeLessThanOrEqual(2 ** -8 * Math.abs(x)));
});

test("damaged and foreign files are refused in one line", async () => {
  using device = createDevice(reference());
  const model = DeepseekV3.initialize(device, tinyConfig, 4);
  const bytes = await saveCheckpoint(model);
  const load = (data: Uint8Array) => () => loadCheckpoint(device, data, { file: "x.safetensors" });
  expect(load(bytes.subarray(0, 5))).toThrowErrorMatchingInlineSnapshot(
    `[FormatError: x.safetensors: not a valid safetensors file: 5 bytes are too few for the 8-byte header length. Download or write the file again.]`,
  );
  expect(load(bytes.subarray(0, bytes.byteLength - 4))).toThrowErrorMatchingInlineSnapshot(
    `[FormatError: x.safetensors: not a valid safetensors file: the header describes 58352 bytes, the file has 58348. Download or write the file again.]`,
  );
  expect(
    load(new TextEncoder().encode("GGUF, not safetensors at all")),
  ).toThrowErrorMatchingInlineSnapshot(
    `[FormatError: x.safetensors: not a valid safetensors file: the header claims 8029390560178817000 bytes, the file has 20 after its length. Download or write the file again.]`,
  );
});

test("a config of another model, or with a missing key, is refused by name", () => {
  expect(() => parseConfig({ model_type: "llama" })).toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: config: expected model_type "deepseek_v3", got "llama". This package runs the DeepSeek-V3 architecture only.]`,
  );
  const { hidden_size: _, ...rest } = tinyConfig;
  expect(() => parseConfig(rest)).toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: config: the key hidden_size is missing.]`,
  );
  expect(() => parseConfig({ ...tinyConfig, n_group: 3 })).toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: config: n_routed_experts 8 must be a multiple of n_group 3.]`,
  );
});

test("a config that asks for another architecture is refused, not half followed", () => {
  const refused = [
    { hidden_size: null },
    { hidden_size: 16.5 },
    { rope_scaling: { type: "linear", factor: 4 } },
    { rope_scaling: { type: "yarn", factor: 4 } },
    { scoring_func: "softmax" },
    { topk_method: "group_limited_greedy" },
    { attention_bias: true },
    { tie_word_embeddings: true },
    { rope_interleave: false },
    { num_key_value_heads: 1 },
  ].map((change) => {
    try {
      parseConfig({ ...tinyConfig, ...change });
    } catch (error) {
      return (error as Error).message;
    }
    throw new Error(`accepted ${JSON.stringify(change)}`);
  });
  expect(refused.join("\n")).toMatchInlineSnapshot(`
    "config: hidden_size must be a number, got null.
    config: hidden_size must be a whole number, got 16.5.
    config: rope_scaling must be null or of the type "yarn", got {"type":"linear","factor":4}.
    config: the key rope_scaling.original_max_position_embeddings is missing.
    config: scoring_func is "softmax"; DeepSeek-V3 has "sigmoid" and nothing else is supported.
    config: topk_method is "group_limited_greedy"; DeepSeek-V3 has "noaux_tc" and nothing else is supported.
    config: attention_bias is true; DeepSeek-V3 has false and nothing else is supported.
    config: tie_word_embeddings is true; DeepSeek-V3 has false and nothing else is supported.
    config: rope_interleave is false; DeepSeek-V3 has true and nothing else is supported.
    config: num_key_value_heads 1 must equal num_attention_heads 2: latent attention has no groups."
  `);
});

test("config.json of transformers 5: rope_parameters; V2-Lite's q_lora_rank of 0 is none", () => {
  const { rope_theta: _, rope_scaling: __, ...rest } = tinyConfig;
  const yarn = {
    rope_type: "yarn",
    factor: 4,
    original_max_position_embeddings: 16,
    mscale: 1,
    mscale_all_dim: 0.7,
  };
  const { rope_theta, rope_scaling } = parseConfig({
    ...rest,
    rope_parameters: { ...yarn, rope_theta: 5000 },
  });
  expect(rope_theta).toBe(5000);
  expect(rope_scaling).toEqual({
    type: "yarn",
    factor: 4,
    original_max_position_embeddings: 16,
    beta_fast: 32,
    beta_slow: 1,
    mscale: 1,
    mscale_all_dim: 0.7,
  });
  const plain = {
    ...rest,
    q_lora_rank: 0,
    rope_parameters: { rope_type: "default", rope_theta: 10000 },
  };
  expect(parseConfig(plain)).toMatchObject({ rope_scaling: null, q_lora_rank: null });
});

test("balancing moves each bias against its load", async () => {
  using device = createDevice(reference());
  const model = DeepseekV3.initialize(device, tinyConfig, 4);
  const loads = [0, 1].map(() => tensor(device, Int32Array.of(9, 3, 3, 3, 3, 3, 0, 0)));
  model.balance(loads, 0.5);
  const bias = model.parameters.get("model.layers.2.mlp.gate.e_score_correction_bias")!;
  expect(Array.from(await bias.data())).toEqual([-0.5, 0, 0, 0, 0, 0, 0.5, 0.5]);
});
