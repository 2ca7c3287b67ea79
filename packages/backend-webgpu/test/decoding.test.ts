// Decoding over a cache with the sampler on the device: the tokens of the WebAssembly backend, and one read
// for eight of them.

import { wasm } from "@sixtyone/backend-wasm";
import { DeepseekV3, generate } from "@sixtyone/moe";
import { createDevice, Generator } from "@sixtyone/tensor";
import type { Backend } from "@sixtyone/tensor/backend";
import { describe, expect, it } from "vitest";
import { hasAdapter, openBackend } from "./adapter.ts";
import { hardwareTuning } from "./hardware-tuning.ts";
import { tinyConfig } from "./tiny-config.ts";

const config = tinyConfig(24);
const prompts = [[1, 2, 3], [4, 5], [6, 7, 8, 9, 10], [11]];
const maxNewTokens = 32;
const options = { maxNewTokens, temperature: 0.9, topK: 16, topP: 0.95, minP: 0.01 };

async function complete(backend: Backend): Promise<readonly (readonly number[])[]> {
  using device = createDevice(backend);
  const model = DeepseekV3.initialize(device, config, 3);
  const { completions } = await generate(model, prompts, {
    ...options,
    generator: new Generator(device, 7),
  });
  return completions;
}

describe.skipIf(!hasAdapter)("decoding", () => {
  const profiles = [
    ["this adapter's kernels", {}],
    ["the kernels of GPUs", { tuning: hardwareTuning }],
  ] as const;
  it.for(profiles)("%s", { timeout: 300_000 }, async ([, tuned]) => {
    const expected = await complete(await wasm());
    const backend = await openBackend(tuned);
    expect(await complete(backend)).toEqual(expected);
    // Positions after the shortest prompt, a look every eight of them, and the tokens themselves.
    const positions = 5 + maxNewTokens - 1;
    expect(backend.counters.readbacks).toBeLessThanOrEqual(Math.floor(positions / 8) + 1);
    expect(Math.max(...expected.map(({ length }) => length))).toBeGreaterThan(8);
  });
});
