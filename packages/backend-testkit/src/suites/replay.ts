// Step replay: a recorded training step gives the bits of an eager one while inputs, learning rate and random
// numbers change, and `verify` agrees.

import { describe, expect, test } from "vitest";
import {
  AdamW,
  attention,
  Generator,
  rmsNorm,
  sample,
  step,
  tensor,
  type Device,
  type Tensor,
} from "@sixtyone/tensor";
import { openDevices, type ConformanceOptions } from "./context.ts";

const [T, D, heads] = [6, 8, 2];

/** One block of a transformer with noise on its input, trained to reproduce a shifted input. */
function trainer(device: Device, seed: number) {
  const generator = new Generator(device, seed);
  const parameter = (shape: number[]) =>
    generator.normal(shape, 0, 0.3).eval().detach().requiresGrad_();
  const [norm, qkv, out] = [parameter([D]), parameter([D, 3 * D]), parameter([D, D])];
  const parameters = [norm, qkv, out];
  const optimizer = new AdamW(parameters, { learningRate: 0.05 });
  const one = (x: Tensor): readonly Tensor[] => {
    const noisy = x.add(generator.normal([T, D], 0, 0.1));
    const parts = rmsNorm(noisy, norm)
      .matmul(qkv)
      .reshape([1, T, 3, heads, D / heads])
      .permute([2, 0, 3, 1, 4]);
    const mixed = attention(parts.select(0, 0), parts.select(0, 1), parts.select(0, 2), {
      causal: true,
    });
    const y = x.add(mixed.permute([0, 2, 1, 3]).reshape([T, D]).matmul(out).silu());
    const loss = y.softmax(-1).sub(x.flip(0)).square().mean();
    loss.backward();
    return [loss, optimizer.step({ maxGradNorm: 1 })];
  };
  return { parameters, optimizer, one };
}

export function replaySuite(options: ConformanceOptions): void {
  describe("replay", () => {
    const context = openDevices(options);
    const input = (i: number) =>
      tensor(
        context.device,
        Float32Array.from({ length: T * D }, (_, k) => Math.sin(i + k)),
        { shape: [T, D] },
      );

    test("a replayed step has the bits of an eager one", async () => {
      const { device, seed } = context;
      const runs: number[][] = [];
      for (const replayed of [false, true]) {
        const { parameters, optimizer, one } = trainer(device, seed);
        const train = step(device, one);
        const values: number[] = [];
        for (let i = 0; i < 6; i++) {
          using _scope = device.scope();
          optimizer.learningRate = 0.05 / (i + 1);
          const results = replayed ? train(input(i)) : one(input(i));
          for (const x of results) values.push(await x.item());
        }
        expect(train.replayCount).toBe(replayed ? 4 : 0);
        for (const p of parameters) values.push(...(await p.data()));
        runs.push(values);
        train.dispose();
      }
      expect(runs[1]).toEqual(runs[0]);
      expect(runs[0]!.every(Number.isFinite)).toBe(true);
    });

    test("a replayed step draws the tokens of an eager one, others each time", async () => {
      const { device, seed } = context;
      const options = { temperature: 0.8, topK: 7, topP: 0.95 };
      const runs: string[][] = [];
      for (const replayed of [false, true]) {
        const generator = new Generator(device, seed);
        const one = (logits: Tensor) => [sample(logits, generator, options)];
        const drawing = step(device, one);
        const tokens: string[] = [];
        for (let i = 0; i < 6; i++) {
          using _scope = device.scope();
          const [drawn] = replayed ? drawing(input(0)) : one(input(0));
          tokens.push((await drawn!.data()).join());
        }
        expect(drawing.replayCount).toBe(replayed ? 4 : 0);
        drawing.dispose();
        runs.push(tokens);
      }
      expect(runs[1]).toEqual(runs[0]);
      expect(new Set(runs[0]).size).toBeGreaterThan(4);
    });

    test("verify agrees with a step that changes through its inputs, not with one that does not", async () => {
      const { device, seed } = context;
      const train = step(device, trainer(device, seed).one);
      for (let i = 0; i < 3; i++) await train.verify(input(i));
      let factor = 1;
      const drifting = step(device, (x: Tensor) => [x.mul(factor++)]);
      await expect(drifting.verify(input(0))).rejects.toThrow(
        /differs from the eager run in result 0/,
      );
      train.dispose();
      drifting.dispose();
    });
  });
}
