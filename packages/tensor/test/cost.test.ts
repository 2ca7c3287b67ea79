// What ops say they cost, against counts by hand; ops that others are made of count once.

import { expect, test } from "vitest";
import {
  attention,
  createDevice,
  embedding,
  Generator,
  groupedMatmul,
  layerNorm,
  linear,
  linearLogProb,
  quantize,
  tensor,
  zeros,
  type Tensor,
} from "../src/index.ts";
import { observeOps, reference, type OpRun } from "../src/backend/index.ts";

const device = createDevice(reference());

function runsOf(fn: () => unknown): OpRun[] {
  const runs: OpRun[] = [];
  observeOps((run) => runs.push(run), fn);
  return runs;
}

function total(fn: () => unknown): [flops: number, bytes: number] {
  const costs = runsOf(fn).map(({ cost }) => cost);
  return [costs.reduce((sum, c) => sum + c.flops, 0), costs.reduce((sum, c) => sum + c.bytes, 0)];
}

test("arithmetic and traffic of single ops", async () => {
  const a = zeros(device, [3, 4]);
  const b = zeros(device, [4, 5]);
  expect(total(() => a.matmul(b))).toEqual([2 * 3 * 4 * 5, 4 * (12 + 20 + 15)]);
  expect(total(() => a.add(1))).toEqual([12, 4 * 24]);
  expect(total(() => a.cast("bf16").sqrt())).toEqual([24, 12 * (4 + 2) + 12 * 4]);
  expect(total(() => a.transpose().reshape([2, 6]))).toEqual([0, 4 * 24]); // the view is free, the copy is not
  expect(total(() => a.sum(1, { keepDim: true }))).toEqual([12, 4 * (12 + 3)]);
  const ids = tensor(device, Int32Array.of(1, 2));
  expect(total(() => embedding(b, ids))[1]).toBeLessThan(4 * (2 * 2 * 10 + 20)); // not the whole table
  const [q, k] = [zeros(device, [1, 2, 3, 4]), zeros(device, [1, 2, 6, 4])];
  expect(total(() => attention(q, k, k))[0]).toBe(2 * 2 * (2 * 3 * 6 * 4));
  const hidden = zeros(device, [3, 4]);
  expect(
    total(() =>
      linearLogProb(hidden, zeros(device, [7, 4]), tensor(device, Int32Array.of(0, 1, 2))),
    )[0],
  ).toBe(2 * 3 * 4 * 7);
  const offsets = tensor(device, Int32Array.of(0, 1, 3));
  expect(total(() => groupedMatmul(hidden, zeros(device, [2, 4, 5]), offsets))[0]).toBe(
    2 * 3 * 4 * 5,
  );
  using weight = await quantize(new Generator(device, 1).normal([8, 64]), { format: "int8" });
  const [flops, bytes] = total(() => linear(zeros(device, [2, 64]), weight));
  expect(flops).toBe(2 * 2 * 8 * 64);
  expect(bytes).toBeLessThan(4 * 8 * 64); // one byte a weight, not four
});

test("a composite is what it is made of; an op's own composite is not counted again", () => {
  const x = zeros(device, [4, 8]);
  const names = (fn: () => unknown) => runsOf(fn).map(({ name }) => name);
  expect(names(() => x.softmax(-1))).toEqual(["softmax"]);
  expect(names(() => layerNorm(x, zeros(device, [8]), zeros(device, [8])))).toContain("sum");
});

test("backward costs twice forward where the work is products", () => {
  const model = (x: Tensor, w: Tensor) => x.matmul(w).matmul(w).sum();
  const [x, w] = [zeros(device, [16, 32]).requiresGrad_(), zeros(device, [32, 32]).requiresGrad_()];
  let loss: Tensor | undefined;
  const [forward] = total(() => (loss = model(x, w)));
  const [backward] = total(() => loss!.backward());
  expect(backward / forward).toBeGreaterThan(1.9);
  expect(backward / forward).toBeLessThan(2.2);
});

test("every op says how exact it is", () => {
  const x = zeros(device, [4, 4]);
  for (const { name, tolerance } of runsOf(() =>
    x.matmul(x).softmax(-1).add(1).transpose().sum().exp(),
  )) {
    expect(tolerance.forward, name).toBeLessThanOrEqual(2e-5);
    expect(tolerance.grad, name).toBeLessThanOrEqual(2e-4);
  }
});
