// A few hundred training steps leave memory as it was: every buffer a step takes it gives back, with and
// without scopes inside, with gradients of gradients, with reads in between.

import { describe, expect, test } from "vitest";
import { wasm } from "@sixtyone/backend-wasm";
import {
  AdamW,
  attention,
  checkpoint,
  createDevice,
  Generator,
  gradients,
  linearLogProb,
  rmsNorm,
  tensor,
  zeros,
  type Device,
  type Tensor,
} from "../src/index.ts";
import { reference, type Launch } from "../src/backend/index.ts";

const stepCount = 300;

interface Model {
  readonly parameters: Tensor[];
  readonly loss: (x: Tensor) => Tensor;
}

function perceptron(device: Device): Model {
  const generator = new Generator(device, 61);
  const parameter = (shape: number[]) =>
    generator.normal(shape, 0, 0.3).eval().detach().requiresGrad_();
  const [w1, b1, w2] = [parameter([2, 5]), parameter([5]), parameter([5, 1])];
  return {
    parameters: [w1, b1, w2],
    loss: (x) =>
      x
        .matmul(w1)
        .add(b1)
        .tanh()
        .matmul(w2)
        .sub(x.sum(1, { keepDim: true }))
        .square()
        .mean(),
  };
}

function transformer(device: Device): Model {
  const generator = new Generator(device, 62);
  const parameter = (shape: number[]) =>
    generator.normal(shape, 0, 0.4).eval().detach().requiresGrad_();
  const [table, norm, qkv] = [parameter([5, 4]), parameter([4]), parameter([4, 12])];
  const targets = tensor(device, Int32Array.of(0, 3, 2));
  return {
    parameters: [table, norm, qkv],
    loss: (x) => {
      const hidden = table.narrow(0, 0, 3).mul(x.mean()); // [T, D]
      const block = checkpoint(
        (h, g, w) => {
          const heads = rmsNorm(h!, g!)
            .matmul(w!)
            .reshape([1, 3, 3, 2, 2])
            .permute([2, 0, 3, 1, 4]);
          const mixed = attention(heads.select(0, 0), heads.select(0, 1), heads.select(0, 2), {
            causal: true,
          });
          return h!.add(mixed.permute([0, 2, 1, 3]).reshape([3, 4]));
        },
        hidden,
        norm,
        qkv,
      );
      return linearLogProb(block, table, targets).logProb.mean().neg();
    },
  };
}

function penalized(device: Device): Model {
  const { parameters, loss } = perceptron(device);
  return {
    parameters,
    loss: (x) => {
      const value = loss(x);
      const slopes = gradients([value], parameters, undefined, { createGraph: true });
      return slopes.reduce((sum, slope) => sum.add(slope.square().sum()), value);
    },
  };
}

describe.each([
  ["a perceptron", perceptron],
  ["a transformer block with recomputation", transformer],
  ["a gradient penalty", penalized],
] as const)("%s", (_, build) => {
  test(`${stepCount} steps in scopes: flat memory, falling loss`, async () => {
    const device = createDevice(reference());
    let model: Model;
    {
      const scope = device.scope();
      model = build(device);
      for (const parameter of model.parameters) scope.keep(parameter);
      // The targets of the model live on outside any scope.
      scope.handOver();
      scope.end();
    }
    const optimizer = new AdamW(model.parameters, { learningRate: 0.02, weightDecay: 0 });
    const x = tensor(device, [
      [0.1, -0.4],
      [0.7, 0.2],
      [-0.5, 0.9],
    ]);
    const losses: number[] = [];
    let afterWarmup: unknown;
    for (let step = 0; step < stepCount; step++) {
      using _scope = device.scope();
      const loss = model.loss(x);
      loss.backward();
      optimizer.step({ maxGradNorm: 1 });
      if (step % 50 === 0 || step === stepCount - 1) losses.push(await loss.item());
      _scope.end();
      const { liveBytes, storageCount } = device.memory();
      afterWarmup ??= { liveBytes, storageCount };
      expect({ liveBytes, storageCount }, `step ${step}`).toEqual(afterWarmup);
    }
    expect(losses.at(-1)!).toBeLessThan(0.7 * losses[0]!);
    expect(device.memory().leakedTensors).toBe(0);
  });
});

test("linearLogProb without a kernel of its own never holds all logits either", async () => {
  const backend = await wasm({ threads: 1 });
  const supports = (launch: Launch) =>
    !launch.kernel.startsWith("linearLogProb") && backend.supports(launch);
  const device = createDevice({ ...backend, supports });
  const [N, D, V] = [64, 2, 2 ** 17];
  const hidden = zeros(device, [N, D]).add(0.5).eval().requiresGrad_();
  const weight = new Generator(device, 61).uniform([V, D]).eval().requiresGrad_();
  const targets = tensor(
    device,
    Int32Array.from({ length: N }, (_, i) => i),
  );
  device.resetPeak();
  const before = device.memory().liveBytes;
  {
    using _scope = device.scope();
    const { logProb } = linearLogProb(hidden, weight, targets);
    logProb.sum().backward();
    expect((await logProb.data()).every((x) => x < 0)).toBe(true);
  }
  const logits = 4 * N * V;
  expect(device.memory().peakBytes - before).toBeLessThan(0.8 * logits);
});
