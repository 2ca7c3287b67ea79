// The router against numbers computed by hand (numpy) from DeepSeek-V3's formulas: 16 experts in 4 groups,
// the best 2 groups, 4 experts; z = 2·sin(0.7i + 0.3), b = 0.05·((5i mod 7) − 3).

import { createDevice, tensor } from "@sixtyone/tensor";
import { reference } from "@sixtyone/tensor/backend";
import { expect, test } from "vitest";
import { attentionFactor, deepseekV3, inverseFrequencies, softmaxScale } from "../src/index.ts";
import { route } from "../src/gate.ts";

test("chooses and weighs the experts of the worked example", async () => {
  using device = createDevice(reference());
  const config = deepseekV3({
    n_routed_experts: 16,
    n_group: 4,
    topk_group: 2,
    num_experts_per_tok: 4,
    hidden_size: 1,
  });
  const z = Array.from({ length: 16 }, (_, i) => [2 * Math.sin(0.7 * i + 0.3)]);
  const bias = Array.from({ length: 16 }, (_, i) => 0.05 * (((5 * i) % 7) - 3));
  const weights = new Map([
    ["gate.weight", tensor(device, z)],
    ["gate.e_score_correction_bias", tensor(device, bias)],
  ]);
  const { experts, weights: chosen } = route(
    config,
    (name) => weights.get(name)!,
    tensor(device, [[1]]),
  );
  const pairs = new Map<number, number>();
  const [ids, values] = [await experts.data(), await chosen.data()];
  ids.forEach((id, i) => pairs.set(id, values[i]!));
  // Expert 12, with a score of 0.84, is left out by its group alone.
  expect([...pairs.keys()].sort((a, b) => a - b)).toEqual([1, 2, 10, 11]);
  for (const [id, weight] of [
    [11, 0.6372687],
    [1, 0.611699],
    [2, 0.6376251],
    [10, 0.6134073],
  ] as const) {
    expect(pairs.get(id)).toBeCloseTo(weight, 5);
  }
});

test("YaRN frequencies and the softmax scale of the real model", () => {
  const config = deepseekV3();
  const frequencies = inverseFrequencies(config);
  const expected = {
    0: 1,
    1: 0.7498942093,
    10: 5.623413252e-2,
    11: 3.900692657e-2,
    12: 2.687936011e-2,
  };
  for (const [i, value] of Object.entries(expected)) {
    expect(frequencies[Number(i)]! / value).toBeCloseTo(1, 8);
  }
  expect(frequencies[23]! / 3.33380358e-5).toBeCloseTo(1, 8);
  expect(frequencies[31]! / 3.33380358e-6).toBeCloseTo(1, 8);
  expect(softmaxScale(config)).toBeCloseTo(0.1352337788608801, 12);
  expect(attentionFactor(config)).toBe(1);
});

test("YaRN's temperature, where mscale and mscale_all_dim differ or are left out, as transformers has it", () => {
  const yarn = deepseekV3().rope_scaling!;
  const of = (mscale: number, mscale_all_dim: number) => {
    const config = deepseekV3({ rope_scaling: { ...yarn, mscale, mscale_all_dim } });
    return [attentionFactor(config), softmaxScale(config) * 192 ** 0.5];
  };
  const m = (scale: number): number => 0.1 * scale * Math.log(40) + 1;
  expect(of(1, 0.707)).toEqual([
    expect.closeTo(m(1) / m(0.707), 12),
    expect.closeTo(m(0.707) ** 2, 12),
  ]);
  expect(of(0, 0)).toEqual([expect.closeTo(m(1), 12), expect.closeTo(1, 12)]);
});
