// Replay: the same bits as running eagerly, with inputs, learning rate and random numbers that change.

import { describe, expect, test } from "vitest";
import { wasm } from "@sixtyone/backend-wasm";
import {
  AdamW,
  createDevice,
  Generator,
  rmsNorm,
  SGD,
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
    await expect(bad.verify(tensor(device, [1, 2]))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[AutogradError: step: the replay differs from the eager run in result 0, element 0: 2 instead of 3. Something that changes between steps is not an input: pass it in as a tensor.]`,
    );
  });

  test("reading and creating inside a recorded step are refused", async () => {
    using device = createDevice(await open());
    const creates = step(device, (x: Tensor) => [x.add(tensor(device, [1]))]);
    const x = tensor(device, [1]);
    creates(x);
    expect(() => creates(x)).toThrowErrorMatchingInlineSnapshot(
      `[ScopeError: step: values came from the host inside a step, which a replay could not repeat. Pass values in as a tensor, and read results after the step.]`,
    );
    const reads = step(device, (y: Tensor) => [y.mul(y.itemSync())]);
    reads(x);
    expect(() => reads(x)).toThrowErrorMatchingInlineSnapshot(
      `[ScopeError: step: a tensor was read inside a step, which a replay could not repeat. Pass values in as a tensor, and read results after the step.]`,
    );
  });

  /** `rounds` of two micro-batches and an update, in one step or in two; the weight after each round. */
  async function accumulated(
    device: Device,
    micro: (x: Tensor) => unknown,
    update: () => unknown,
    w: Tensor,
  ) {
    const weights: number[] = [];
    for (let round = 0; round < 5; round++) {
      using _scope = device.scope();
      for (const x of [1, 1 + round]) micro(tensor(device, [x]));
      expect(await w.grad!.data()).toEqual(Float32Array.of(2 + round));
      update();
      weights.push(await w.item());
    }
    return weights;
  }

  test("gradients left in .grad accumulate over replays as they do eagerly", async () => {
    using device = createDevice(await open());
    const w = tensor(device, [0], { requiresGrad: true });
    const optimizer = new SGD([w], { learningRate: 1 });
    const micro = step(device, (x: Tensor) => {
      w.mul(x).sum().backward();
      return [];
    });
    const update = step(device, () => {
      optimizer.step();
      return [];
    });
    expect(await accumulated(device, micro, () => update(), w)).toEqual([-2, -5, -9, -14, -20]);
    expect(micro.replayCount).toBeGreaterThan(6);
    await micro.verify(tensor(device, [3]));
    await micro.verify(tensor(device, [4]));
    expect(await w.grad!.data()).toEqual(Float32Array.of(7));
    const before = device.memory().storageCount;
    for (let i = 0; i < 5; i++) {
      using _scope = device.scope();
      micro(tensor(device, [1]));
    }
    expect(device.memory().storageCount).toBe(before);
  });

  test("a step that uses an outstanding gradient in another way runs eagerly", async () => {
    using device = createDevice(await open());
    const w = tensor(device, [0], { requiresGrad: true });
    const optimizer = new SGD([w], { learningRate: 1 });
    const train = step(device, (x: Tensor) => {
      w.mul(x).sum().backward();
      optimizer.step();
      return [];
    });
    for (const outside of [false, true, false, false, true, false]) {
      if (outside) w.mul(10).sum().backward();
      train(tensor(device, [1]));
      expect(w.grad).toBeNull();
    }
    expect(await w.item()).toBe(-26);
    expect(train.replayCount).toBe(2);
    await train.verify(tensor(device, [2]));
    w.mul(10).sum().backward();
    await expect(train.verify(tensor(device, [2]))).rejects.toThrow(/nothing to verify/);
  });

  test("an input's own gradient reaches it, and requiresGrad is part of the signature", async () => {
    using device = createDevice(await open());
    const f = step(device, (x: Tensor) => {
      if (!x.requiresGrad) return [x.mul(-1)];
      const y = x.square().sum();
      y.backward();
      return [y];
    });
    for (let i = 1; i < 5; i++) {
      const x = tensor(device, [i], { requiresGrad: true });
      expect(await f(x)[0]!.item()).toBe(i * i);
      expect(await x.grad!.item()).toBe(2 * i);
      expect(await f(tensor(device, [i]))[0]!.item()).toBe(-i);
    }
    expect(f.replayCount).toBe(4);
    const x = tensor(device, [3], { requiresGrad: true });
    expect(await f(x.mul(1))[0]!.item()).toBe(9);
    expect(await x.grad!.item()).toBe(6);
  });

  test("verify compares gradients, also of a step that runs backward twice", async () => {
    using device = createDevice(await open());
    const w = tensor(device, [1, 2], { requiresGrad: true });
    let factor = 1;
    const good = step(device, (x: Tensor) => {
      for (let i = 0; i < 2; i++) w.mul(x).sum().backward();
      return [];
    });
    await good.verify(tensor(device, [1, 2]));
    w.setGrad(null);
    const bad = step(device, (x: Tensor) => {
      w.mul(x).mul(factor++).sum().backward();
      return [];
    });
    await expect(bad.verify(tensor(device, [1, 2]))).rejects.toThrow(
      `the replay differs from the eager run in .grad of ${w.toString()}, element 0: 6 instead of 7.`,
    );
  });
});
