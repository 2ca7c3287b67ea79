// The loss against numbers computed with numpy from TRL's formulas, for two sequences of which the second
// has two tokens, and its gradient against finite differences.

import { createDevice, grad, tensor, type Tensor } from "@sixtyone/tensor";
import { reference } from "@sixtyone/tensor/backend";
import { expect, test } from "vitest";
import { grpoLoss, type LossOptions, type LossType } from "../src/index.ts";

const device = createDevice(reference({ precision: "f64" }));
const logProbs = tensor(device, [
  [-1, -0.5, -2],
  [-0.2, -3, -9],
]);
const inputs = {
  oldLogProbs: tensor(device, [
    [-1.3, -0.5, -1.9],
    [-0.4, -2.5, -7],
  ]),
  refLogProbs: tensor(device, [
    [-1.1, -0.6, -2.2],
    [-0.1, -2.9, -8],
  ]),
  advantages: tensor(device, [1, -1]),
  mask: tensor(device, [
    [1, 1, 1],
    [1, 1, 0],
  ]),
};

function loss(lossType: LossType, more: Partial<LossOptions> = {}, x: Tensor = logProbs): Tensor {
  const options = {
    beta: 0,
    epsilonLow: 0.2,
    epsilonHigh: 0.2,
    lossType,
    maxCompletionLength: 4,
    ...more,
  };
  return grpoLoss({ ...inputs, logProbs: x }, options).loss;
}

test.each([
  ["grpo", {}, -0.0121222135],
  ["dapo", {}, -0.216686932],
  ["bnpo", {}, -0.216686932],
  ["dr_grpo", {}, -0.1354293325],
  ["grpo", { epsilonHigh: 0.28 }, -0.0254555468],
  ["dapo", { epsilonHigh: 0.28 }, -0.232686932],
  ["dr_grpo", { epsilonHigh: 0.28 }, -0.1454293325],
  ["grpo", { beta: 0.04 }, -0.0118294245],
  ["dapo", { beta: 0.04 }, -0.2163769526],
  ["dr_grpo", { beta: 0.04 }, -0.1352355954],
] as const)("%s %o", async (lossType, options, expected) => {
  expect(await loss(lossType, options).item()).toBeCloseTo(expected, 6);
});

test("k3, and which tokens were clipped", async () => {
  const options = {
    beta: 0.04,
    epsilonLow: 0.2,
    epsilonHigh: 0.2,
    lossType: "dapo",
    maxCompletionLength: 4,
  } as const;
  const { klSum, lowClipped, highClipped } = grpoLoss({ ...inputs, logProbs }, options);
  expect((await klSum.item()) / 5).toBeCloseTo(0.0077494851, 7);
  // Ratios e^0.3, 1, e^−0.1 with A = 1 and e^0.2, e^−0.5 with A = −1: one above, one below.
  expect(await highClipped.item()).toBe(1);
  expect(await lowClipped.item()).toBe(1);
});

test("micro-batches add up to the whole", async () => {
  const parts = [0, 1].map((row) => {
    const cut = (x: Tensor): Tensor => x.narrow(0, row, 1);
    return grpoLoss(
      {
        logProbs: cut(logProbs),
        oldLogProbs: cut(inputs.oldLogProbs),
        advantages: cut(inputs.advantages),
        mask: cut(inputs.mask),
      },
      {
        beta: 0,
        epsilonLow: 0.2,
        epsilonHigh: 0.2,
        lossType: "dapo",
        maxCompletionLength: 4,
        totalTokens: 5,
        totalSequences: 2,
      },
    ).loss;
  });
  const sum = (await parts[0]!.item()) + (await parts[1]!.item());
  expect(sum).toBeCloseTo(await loss("dapo").item(), 7);
});

test("the gradient agrees with finite differences", async () => {
  const f = (x: Tensor): Tensor => loss("grpo", { beta: 0.1 }, x);
  const [gradient] = grad(f)(logProbs);
  const analytic = await gradient.data();
  const base = await logProbs.data();
  for (let i = 0; i < 6; i++) {
    const at = (h: number): Tensor =>
      f(
        tensor(
          device,
          base.map((x, j) => (j === i ? x + h : x)),
          { shape: [2, 3] },
        ),
      );
    const numeric = await at(2 ** -10)
      .sub(at(-(2 ** -10)))
      .mul(2 ** 9)
      .item();
    expect(analytic[i]).toBeCloseTo(numeric, 4);
  }
});
