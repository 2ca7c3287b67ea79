// Against Hugging Face transformers (tools/goldens/moe.py; the versions stand in the files' metadata):
// logits, loss and gradients of tiny models with random weights, with and without low-rank queries and YaRN, and with
// temperatures and epsilons that differ. SIXTYONE_MOE_GOLDENS=FOLDER runs fresh files of another --seed.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { wasm } from "@sixtyone/backend-wasm";
import { crossEntropy, createDevice, loadSafetensors, type Tensor } from "@sixtyone/tensor";
import { reference } from "@sixtyone/tensor/backend";
import { describe, expect, test } from "vitest";
import { loadCheckpoint, parseConfig } from "../src/index.ts";

const backends = { reference: async () => reference(), wasm: () => wasm() };

const folder =
  process.env["SIXTYONE_MOE_GOLDENS"] ?? fileURLToPath(new URL("goldens", import.meta.url));

function read(name: string): Uint8Array {
  return readFileSync(join(folder, `${name}.safetensors`));
}

/** The largest difference, relative to the largest value. */
async function relativeError(actual: Tensor, expected: Tensor): Promise<number> {
  const [a, b] = [Array.from(await actual.data()), Array.from(await expected.data())];
  expect(a.length).toBe(b.length);
  const scale = b.reduce((top, x) => Math.max(top, Math.abs(x)), 0);
  return a.reduce((worst, x, i) => Math.max(worst, Math.abs(x - b[i]!)), 0) / scale;
}

describe.each(Object.entries(backends))("%s", (_, open) => {
  test.each(["plain", "lora-yarn", "mscales"])("%s: logits, loss and gradients", async (name) => {
    using device = createDevice(await open());
    const { tensors: expected, metadata } = loadSafetensors(device, read(`${name}.expected`));
    const config = parseConfig(JSON.parse(metadata["config"]!));
    const { model } = loadCheckpoint(device, read(`${name}.weights`), { config });
    const parameters = model.trainableParameters();
    for (const p of parameters.values()) p.requiresGrad_();
    const ids = expected.get("ids")!;
    const [B, T] = ids.shape as [number, number];
    const { states } = model.forward(ids);
    expect(await relativeError(model.logits(states), expected.get("logits")!)).toBeLessThan(2e-5);

    const [V, D] = [config.vocab_size, config.hidden_size];
    const targets = ids.narrow(1, 1, T - 1).reshape([-1]);
    const before = states.narrow(1, 0, T - 1).reshape([B * (T - 1), D]);
    const loss = crossEntropy(model.logits(before).reshape([-1, V]), targets);
    expect(await relativeError(loss.reshape([1]), expected.get("loss")!)).toBeLessThan(1e-5);
    loss.backward();
    let compared = 0;
    for (const [key, gradient] of expected) {
      if (!key.startsWith("grad:")) continue;
      const actual = gradientOf(
        parameters,
        key.slice("grad:".length),
        config.moe_intermediate_size,
      );
      expect(await relativeError(actual, gradient), key).toBeLessThan(1e-4);
      compared++;
    }
    expect(compared).toBe(9);
  });
});

/** The gradient under the checkpoint's name; experts are cut out of their stack. */
function gradientOf(parameters: ReadonlyMap<string, Tensor>, name: string, I: number): Tensor {
  const match = /^(.*\.experts)\.(\d+)\.(gate|up|down)_proj\.weight$/.exec(name);
  if (!match) return parameters.get(name)!.grad!;
  const [, prefix, expert, kind] = match;
  if (kind === "down")
    return parameters.get(`${prefix}.down_proj`)!.grad!.select(0, Number(expert));
  const stacked = parameters.get(`${prefix}.gate_up_proj`)!.grad!.select(0, Number(expert));
  return stacked.narrow(0, kind === "gate" ? 0 : I, I);
}
