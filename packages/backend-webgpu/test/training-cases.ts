// What a training step costs the host, counted, in Node and in a page: replays submit once and make nothing, a
// mixture of experts reads nothing back, metrics arrive without a wait.

import {
  AdamW,
  createDevice,
  MetricRing,
  step,
  tensor,
  type Device,
  type Tensor,
} from "@sixtyone/tensor";
import { DeepseekV3 } from "@sixtyone/moe";
import { reference } from "@sixtyone/tensor/backend";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Counters, WebGpuBackend } from "../src/index.ts";
import { openBackend } from "./adapter.ts";
import { tinyConfig } from "./tiny-config.ts";

const config = tinyConfig(20);
const [B, T] = [3, 7];

function batch(device: Device, seed: number): Tensor {
  const ids = Int32Array.from({ length: B * T }, (_, i) => (i * 7 + seed * 13 + (i % 5)) % 20);
  return tensor(device, ids, { shape: [B, T] });
}

/** Minus the mean log-probability of the ids themselves. */
function lossOf(model: DeepseekV3, ids: Tensor): Tensor {
  const { states } = model.forward(ids); // [B, T, D]
  const { logProb } = model.logProbs(
    states.reshape([B * T, config.hidden_size]),
    ids.reshape([B * T]),
  );
  return logProb.mean().neg();
}

function trainer(device: Device) {
  const model = DeepseekV3.initialize(device, config, 5);
  const parameters = [...model.trainableParameters().values()].map((p) => p.requiresGrad_());
  const optimizer = new AdamW(parameters, { learningRate: 0.01 });
  const train = step(device, (ids: Tensor) => {
    const loss = lossOf(model, ids);
    loss.backward();
    return [loss, optimizer.step({ maxGradNorm: 1 })];
  });
  return { model, parameters, optimizer, train };
}

export function trainingCases(): void {
  let backend: WebGpuBackend;
  let device: Device;
  // One each: what the garbage collector frees of other tests would change which buffers the pool gives.
  beforeEach(async () => {
    backend = await openBackend();
    device = createDevice(backend);
  });
  afterEach(() => device.dispose());

  /** What `fn` adds to the counters. */
  async function count(fn: () => void | Promise<void>): Promise<Counters> {
    const before = { ...backend.counters };
    await fn();
    const entries = Object.entries(backend.counters) as [keyof Counters, number][];
    return Object.fromEntries(
      entries.map(([name, n]) => [name, n - before[name]]),
    ) as unknown as Counters;
  }

  test("a mixture of experts reads nothing back, forward and backward", async () => {
    using _scope = device.scope();
    const { model, parameters } = trainer(device);
    const ids = batch(device, 0);
    const spent = await count(() => {
      lossOf(model, ids).backward();
      device.flush();
    });
    expect(spent.readbacks).toBe(0);
    expect(spent.launches).toBeGreaterThan(50);
    // And what was not read back is right.
    using oracle = createDevice(reference());
    const other = trainer(oracle);
    lossOf(other.model, batch(oracle, 0)).backward();
    for (const [i, parameter] of parameters.entries()) {
      const got = Array.from(await parameter.grad!.data());
      const want = Array.from(await other.parameters[i]!.grad!.data());
      const scale = want.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-6);
      got.forEach((x, k) => expect(Math.abs(x - want[k]!)).toBeLessThan(1e-4 * scale));
    }
  });

  test("a replayed training step: one submit, no bind group, no pipeline, no read", async () => {
    using _scope = device.scope();
    const { train } = trainer(device);
    const once = (i: number): void => {
      using _inner = device.scope();
      train(batch(device, i));
      device.flush();
    };
    for (let i = 0; i < 3; i++) once(i);
    await device.sync();
    for (let i = 3; i < 6; i++) {
      const spent = await count(() => once(i));
      expect(spent).toMatchObject({ bindGroupsCreated: 0, pipelinesCreated: 0, readbacks: 0 });
      expect(spent.submits).toBe(1);
      expect(spent.launches).toBeGreaterThan(100);
      expect(spent.dispatches).toBeGreaterThanOrEqual(spent.launches - 20);
      expect(spent.hostMs).toBeGreaterThan(0);
    }
    expect(train.replayCount).toBe(4);
  });

  test("an eager step makes nothing once its buffers are in the pool", async () => {
    using _scope = device.scope();
    const { model, optimizer } = trainer(device);
    const once = (i: number): void => {
      using _scope = device.scope();
      const loss = lossOf(model, batch(device, i));
      loss.backward();
      optimizer.step({ maxGradNorm: 1 });
    };
    for (let i = 0; i < 5; i++) once(i);
    await device.sync();
    const spent = await count(() => once(5));
    expect(spent).toMatchObject({ pipelinesCreated: 0, bindGroupsCreated: 0, readbacks: 0 });
    expect(spent.submits).toBeLessThanOrEqual(Math.ceil(spent.dispatches / 32) + 4);
  });

  test("metrics arrive a step late; a step with them is two submits", async () => {
    using _scope = device.scope();
    const losses: number[] = [];
    const [late, prompt] = [trainer(device), trainer(device)];
    const ring = new MetricRing<"loss" | "norm">();
    for (let i = 0; i < 8; i++) {
      await device.sync();
      const spent = await count(async () => {
        using _inner = device.scope();
        const [loss, norm] = late.train(batch(device, i)) as [Tensor, Tensor];
        const past = await ring.push({ loss, norm });
        if (past) losses.push(past.values.loss);
      });
      // Which buffer the packed numbers get depends on when the last ones arrived, so no count of bind groups.
      if (i > 3) expect(spent).toMatchObject({ submits: 2, readbacks: 1, pipelinesCreated: 0 });
    }
    losses.push(...(await ring.drain()).map(({ values }) => values.loss));
    const want: number[] = [];
    for (let i = 0; i < 8; i++) want.push(await prompt.train(batch(device, i))[0]!.item());
    expect(losses).toEqual(want);
    expect(losses.at(-1)!).toBeLessThan(losses[0]!);
  });

  test("memory: what is freed is kept up to `pooledBytes`, and given back to the system beyond", async () => {
    using small = createDevice(await openBackend({ pooledBytes: 2 ** 20 }));
    const own = small.backend as WebGpuBackend;
    const one = (n: number): void => {
      using _scope = small.scope();
      tensor(small, new Float32Array(n)).exp().eval();
    };
    for (let n = 1000; n < 400_000; n *= 2) one(n);
    expect(own.memory().pooledBytes).toBeLessThanOrEqual(2 ** 20);
    expect(small.memory().pooledBytes).toBe(own.memory().pooledBytes);
    expect(own.memory().usedBytes).toBe(0);
    const { blockCount } = own.memory();
    for (let i = 0; i < 20; i++) one(1000);
    expect(own.memory().blockCount).toBe(blockCount);
    await small.sync();
  });
}
