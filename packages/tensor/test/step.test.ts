// Replay: the same bits as running eagerly, with inputs, learning rate and random numbers that change.

import { describe, expect, test } from "vitest";
import { wasm } from "@sixtyone/backend-wasm";
import {
  AdamW,
  createDevice,
  Generator,
  rmsNorm,
  step,
  tensor,
  type Device,
  type Tensor,
} from "../src/index.ts";
import { reference } from "../src/backend/index.ts";

const backends = { reference: async () => reference(), wasm: () => wasm({ threads: 1 }) };

/** A network with noise, trained on inputs that differ from step to step. */
function trainer(device: Device) {
  const generator = new Generator(device, 5);
  const w1 = generator.normal([4, 8], 0, 0.3).eval().requiresGrad_();
  const w2 = generator.normal([8, 2], 0, 0.3).eval().requiresGrad_();
  const g = tensor(device, new Float32Array(8).fill(1), { requiresGrad: true });
  const optimizer = new AdamW([w1, w2, g], { learningRate: 0.05 });
  const one = (x: Tensor, y: Tensor): readonly Tensor[] => {
    const noise = generator.normal(x.shape, 0, 0.1);
    const h = rmsNorm(x.add(noise).matmul(w1).silu(), g);
    const loss = h.matmul(w2).sub(y).square().mean();
    loss.backward();
    const norm = optimizer.step({ maxGradNorm: 1 });
    return [loss, norm];
  };
  return { optimizer, parameters: [w1, w2, g], one };
}

function batch(device: Device, i: number): [Tensor, Tensor] {
  const x = Float32Array.from({ length: 12 }, (_, k) => Math.sin(i * 12 + k));
  const y = Float32Array.from({ length: 6 }, (_, k) => Math.cos(i + k));
  return [tensor(device, x, { shape: [3, 4] }), tensor(device, y, { shape: [3, 2] })];
}

describe.each(Object.entries(backends))("%s", (_, open) => {
  test("a replayed run has the bits of an eager one, and allocates nothing", async () => {
    const runs: number[][] = [];
    for (const replayed of [false, true]) {
      using device = createDevice(await open());
      const { optimizer, parameters, one } = trainer(device);
      const train = step(device, one);
      const losses: number[] = [];
      for (let i = 0; i < 8; i++) {
        using _scope = device.scope();
        optimizer.learningRate = 0.05 / (i + 1);
        const [loss] = replayed ? train(...batch(device, i)) : one(...batch(device, i));
        losses.push(await loss!.item());
      }
      for (const p of parameters) losses.push(...(await p.data()));
      runs.push(losses);
      expect(train.replayCount).toBe(replayed ? 6 : 0);
      const before = device.memory().liveBytes;
      if (replayed) {
        for (let i = 0; i < 20; i++) {
          using _scope = device.scope();
          train(...batch(device, i));
        }
        expect(device.memory().liveBytes).toBe(before);
      }
      train.dispose();
    }
    expect(runs[1]).toEqual(runs[0]);
  });

  test("other shapes are recorded on their own", async () => {
    using device = createDevice(await open());
    const double = step(device, (x: Tensor) => [x.mul(2).sum()]);
    for (let i = 0; i < 4; i++) {
      for (const n of [3, 5]) {
        const [y] = double(tensor(device, new Float32Array(n).fill(i)));
        expect(await y!.item()).toBe(2 * n * i);
      }
    }
    expect(double.replayCount).toBe(4);
  });

  test("of shapes that keep changing only the last few plans are kept", async () => {
    using device = createDevice(await open());
    const double = step(device, (x: Tensor) => [x.mul(2).sum()]);
    const live: number[] = [];
    for (let length = 1; length <= 40; length++) {
      for (let i = 0; i < 3; i++) {
        using _scope = device.scope();
        const [sum] = double(tensor(device, new Float32Array(length).fill(1)));
        expect(await sum!.item()).toBe(2 * length);
      }
      live.push(device.memory().storageCount);
    }
    expect(double.replayCount).toBe(40);
    expect(new Set(live.slice(20)).size).toBe(1);
    double.dispose();
    expect(device.memory().storageCount).toBe(0);
  });

  test("verify accepts a step that changes through its inputs, and names one that does not", async () => {
    using device = createDevice(await open());
    const { one } = trainer(device);
    const good = step(device, one);
    for (let i = 0; i < 3; i++) await good.verify(...batch(device, i));
    let factor = 1;
    const bad = step(device, (x: Tensor) => [x.mul(factor++)]);
    await expect(bad.verify(tensor(device, [1, 2]))).rejects.toThrowErrorMatchingInlineSnapshot(`[AutogradError: step: the replay differs from the eager run in result 0, element 0: 2 instead of 3. Something that changes between steps is not an input: pass it in as a tensor.]`);
  });

  test("reading and creating inside a recorded step are refused", async () => {
    using device = createDevice(await open());
    const creates = step(device, (x: Tensor) => [x.add(tensor(device, [1]))]);
    const x = tensor(device, [1]);
    creates(x);
    expect(() => creates(x)).toThrowErrorMatchingInlineSnapshot(`[ScopeError: step: values came from the host inside a step, which a replay could not repeat. Pass values in as a tensor, and read results after the step.]`);
    const reads = step(device, (y: Tensor) => [y.mul(y.itemSync())]);
    reads(x);
    expect(() => reads(x)).toThrowErrorMatchingInlineSnapshot(`[ScopeError: step: a tensor was read inside a step, which a replay could not repeat. Pass values in as a tensor, and read results after the step.]`);
  });
});
