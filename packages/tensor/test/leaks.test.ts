// The leak report: tensors that no scope owns and nobody disposed are named when they are collected.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { createDevice, leakReport, tensor, zeros, type Device } from "../src/index.ts";
import { reference } from "../src/backend/index.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Finalizers run some time after the collection; waits until they have, or gives up after a few seconds. */
async function settled(device: Device, leaked: number): Promise<void> {
  for (let i = 0; i < 200 && device.memory().leakedTensors < leaked; i++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function leave(device: Device): void {
  for (let i = 0; i < 3; i++) zeros(device, [10, 10]).add(1).eval();
  tensor(device, [1, 2]);
}

test("collected tensors are counted, named, and their memory comes back", async () => {
  const device = createDevice(reference());
  leave(device);
  const kept = zeros(device, [5]).eval();
  expect(device.memory()).toMatchObject({ liveBytes: 3 * 400 + 8 + 20, leakedTensors: 0 });
  expect(leakReport(device)).toEqual([]);
  await settled(device, 7);
  expect(leakReport(device)).toEqual([
    { op: "add", dtype: "f32", shape: [10, 10], count: 3, bytes: 1200 },
    { op: "tensor", dtype: "f32", shape: [2], count: 1, bytes: 8 },
    { op: "full", dtype: "f32", shape: [10, 10], count: 3, bytes: 0 },
  ]);
  expect(device.memory()).toMatchObject({ liveBytes: 20, leakedTensors: 7 });
  kept.dispose();
});

test("what scopes and dispose() free is no leak", async () => {
  const device = createDevice(reference());
  {
    using _scope = device.scope();
    leave(device);
  }
  zeros(device, [3]).eval().dispose();
  collectGarbage();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(leakReport(device)).toEqual([]);
  expect(device.memory()).toMatchObject({
    liveBytes: 0,
    pooledBytes: 0,
    peakBytes: 1208,
    leakedTensors: 0,
  });
});
