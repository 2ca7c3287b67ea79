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
  const [full, half] = [await saveCheckpoint(model), await saveCheckpoint(model, { dtype: "bf16" })];
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
  expect(load(bytes.subarray(0, 5))).toThrowErrorMatchingInlineSnapshot(`[FormatError: x.safetensors: not a valid safetensors file: 5 bytes are too few for the 8-byte header length. Download or write the file again.]`);
  expect(load(bytes.subarray(0, bytes.byteLength - 4))).toThrowErrorMatchingInlineSnapshot(`[FormatError: x.safetensors: not a valid safetensors file: the header describes 58352 bytes, the file has 58348. Download or write the file again.]`);
  expect(load(new TextEncoder().encode("GGUF, not safetensors at all"))).toThrowErrorMatchingInlineSnapshot(`[FormatError: x.safetensors: not a valid safetensors file: the header claims 8029390560178817000 bytes, the file has 20 after its length. Download or write the file again.]`);
});

test("a config of another model, or with a missing key, is refused by name", () => {
  expect(() => parseConfig({ model_type: "llama" })).toThrowErrorMatchingInlineSnapshot(`[ArgumentError: config: expected model_type "deepseek_v3", got "llama". This package runs the DeepSeek-V3 architecture only.]`);
  const { hidden_size: _, ...rest } = tinyConfig;
  expect(() => parseConfig(rest)).toThrowErrorMatchingInlineSnapshot(`[ArgumentError: config: the key hidden_size is missing.]`);
  expect(() => parseConfig({ ...tinyConfig, n_group: 3 })).toThrowErrorMatchingInlineSnapshot(`[ArgumentError: config: n_routed_experts 8 must be a multiple of n_group 3.]`);
});

test("balancing moves each bias against its load", async () => {
  using device = createDevice(reference());
  const model = DeepseekV3.initialize(device, tinyConfig, 4);
  const loads = [0, 1].map(() => tensor(device, Int32Array.of(9, 3, 3, 3, 3, 3, 0, 0)));
  model.balance(loads, 0.5);
  const bias = model.parameters.get("model.layers.2.mlp.gate.e_score_correction_bias")!;
  expect(Array.from(await bias.data())).toEqual([-0.5, 0, 0, 0, 0, 0, 0.5, 0.5]);
});
