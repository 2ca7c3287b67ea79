// Fusion: how many launches a computation is. `counters.launches` counts every kernel the device starts.

import { expect, test } from "vitest";
import { concat, createDevice, full, tensor, type Device, type Tensor } from "../src/index.ts";
import { reference, type Launch } from "../src/backend/index.ts";

const open = (): Device => createDevice(reference());

/** Launches while `fn` runs and its results are computed. */
function launches(device: Device, fn: () => Tensor | Tensor[]): number {
  const before = device.counters.launches;
  for (const y of [fn()].flat()) y.eval();
  return device.counters.launches - before;
}

const matrix = (device: Device, rows = 3, columns = 4): Tensor =>
  tensor(
    device,
    Float32Array.from({ length: rows * columns }, (_, i) => i / 7),
    {
      shape: [rows, columns],
    },
  );

test("recording starts nothing; reading starts one kernel", async () => {
  const device = open();
  const x = matrix(device);
  const y = x.add(1).mul(x).neg().square();
  expect(device.counters.launches).toBe(0);
  await y.data();
  expect(device.counters.launches).toBe(1);
});

test("a chain of elementwise ops and the sum after it are one launch", () => {
  const device = open();
  const [x, y] = [matrix(device), matrix(device)];
  expect(launches(device, () => x.mul(2).add(y).exp().sub(1).sum())).toBe(1);
  expect(launches(device, () => x.mul(y).sum(1))).toBe(1);
  expect(launches(device, () => x.sub(y).square().mean())).toBe(2);
});

test("broadcasting fuses", () => {
  const device = open();
  const [x, row, column] = [matrix(device), matrix(device, 1, 4), matrix(device, 3, 1)];
  expect(launches(device, () => x.mul(row).add(column).tanh())).toBe(1);
});

test("creation takes no launch of its own", () => {
  const device = open();
  const x = matrix(device);
  expect(launches(device, () => x.add(full(device, [3, 4], 2)).mul(full(device, [], 3)))).toBe(1);
  expect(launches(device, () => x.where(x, 0).cast("i32").cast("f32"))).toBe(1);
});

test("a value that is used twice is computed once", () => {
  const device = open();
  const x = matrix(device);
  const counted = launches(device, () => {
    const heavy = x.exp();
    return [heavy.sum(0), heavy.sum(1)];
  });
  // The first sum takes exp into its prologue; the second finds it used and stores it first.
  expect(counted).toBeLessThanOrEqual(3);
  const z = x.exp().eval();
  expect(launches(device, () => [z.sum(0), z.sum(1)])).toBe(2);
});

test("views are no launches, and elementwise ops read them in place", () => {
  const device = open();
  const x = matrix(device);
  expect(
    launches(device, () =>
      x
        .transpose()
        .flip(0)
        .slice([[0, 2]])
        .reshape([2, 3]),
    ),
  ).toBe(0);
  expect(launches(device, () => x.transpose().add(1))).toBe(1);
});

test("concat computes pending operands straight into their place", () => {
  const device = open();
  const x = matrix(device);
  expect(launches(device, () => concat([x.exp(), x.neg()], 0))).toBe(2);
});

test("an expression never outgrows its limits: it is cut, and right", async () => {
  const device = open();
  const seen: Launch[] = [];
  device.observe((launch, run) => {
    seen.push(launch);
    run();
  });
  let total = matrix(device);
  const terms = Array.from({ length: 40 }, (_, i) =>
    matrix(device)
      .mul(i % 3)
      .eval(),
  );
  for (const term of terms) total = total.add(term.mul(term).sub(term.mul(0.5)));
  const expected = [...(await matrix(device).data())].map((x) => {
    let sum = x;
    for (let i = 0; i < 40; i++) sum += (x * (i % 3)) ** 2 - 0.5 * x * (i % 3);
    return sum;
  });
  [...(await total.data())].forEach((x, i) => expect(x).toBeCloseTo(expected[i]!, 3));
  for (const { inputs, outputs } of seen)
    expect(inputs.length + outputs.length).toBeLessThanOrEqual(8);
});

test("what changes from call to call is no part of a program's key", async () => {
  const device = open();
  const keys = new Set<string>();
  device.observe((launch, run) => {
    if ("program" in launch.params) keys.add(launch.params.program.key);
    run();
  });
  for (const rate of [0.1, 0.2, 0.3]) {
    for (const length of [3, 4, 5]) matrix(device, length, 2).mul(rate).add(1).eval();
  }
  expect(keys.size).toBe(1);
});

test("observers nest, and go away", () => {
  const device = open();
  const seen: string[] = [];
  const watch = (name: string) =>
    device.observe((launch, run) => {
      seen.push(`${name} ${launch.op}`);
      run();
    });
  const [stopFirst, stopSecond] = [watch("first"), watch("second")];
  const x = matrix(device);
  x.add(1).eval();
  stopFirst();
  x.mul(2).eval();
  stopSecond();
  expect(x.neg().eval().dataSync()[1]).toBeCloseTo(-1 / 7, 6);
  expect(seen).toEqual(["second add", "first add", "second mul"]);
});
