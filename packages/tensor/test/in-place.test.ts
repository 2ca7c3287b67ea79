// In-place writes: whoever still has to read the old values does so first, and a gradient that would
// come out wrong throws instead.

import { expect, test } from "vitest";
import {
  AdamW,
  assign,
  AutogradError,
  createDevice,
  noGrad,
  tensor,
  type Device,
} from "../src/index.ts";
import { reference } from "../src/backend/index.ts";

const open = (): Device => createDevice(reference());

test("a pending expression reads the values of the time it was written down", async () => {
  const device = open();
  const x = tensor(device, [1, 2, 3]);
  const [y, z] = [x.mul(10), x.mul(10).add(x).exp().log()];
  assign(x, tensor(device, [7, 8, 9]));
  expect([...(await y.data())]).toEqual([10, 20, 30]);
  const rounded = [...(await z.data())].map((value) => Math.round(value));
  expect(rounded).toEqual([11, 22, 33]);
  expect([...(await x.data())]).toEqual([7, 8, 9]);
});

test("the source may be an expression of the target", async () => {
  const device = open();
  const x = tensor(device, [1, 2, 3]);
  assign(x, x.add(1));
  assign(x, x.flip(0));
  expect([...(await x.data())]).toEqual([4, 3, 2]);
});

test("a cache shifted by one position, source and target overlapping", async () => {
  const device = open();
  const cache = tensor(device, [1, 2, 3, 4, 5]);
  assign(cache.narrow(0, 1, 4), cache.narrow(0, 0, 4));
  expect([...(await cache.data())]).toEqual([1, 1, 2, 3, 4]);
});

test("views of the same memory see the write, clones do not", async () => {
  const device = open();
  const x = tensor(device, [
    [1, 2],
    [3, 4],
  ]);
  const [view, copy] = [x.transpose(), x.clone()];
  assign(x.select(0, 1), tensor(device, [30, 40]));
  expect([...(await view.data())]).toEqual([1, 30, 2, 40]);
  expect([...(await copy.data())]).toEqual([1, 2, 3, 4]);
});

test("a dtype is converted on the way", async () => {
  const device = open();
  const x = tensor(device, [0, 0], { dtype: "bf16" });
  assign(x, tensor(device, [1.00390625, 3]));
  expect([...(await x.data())]).toEqual([1, 3]);
});

test("a saved value that is overwritten makes backward() throw and name the op", () => {
  const device = open();
  const w = tensor(device, [1, 2], { requiresGrad: true });
  const x = tensor(device, [3, 4]);
  const loss = w.mul(x).sum();
  noGrad(() => assign(x, tensor(device, [0, 0])));
  expect(() => loss.backward()).toThrow(AutogradError);
  const again = w.mul(x).sum();
  noGrad(() => assign(x, tensor(device, [1, 1])));
  expect(() => again.backward()).toThrowErrorMatchingInlineSnapshot(
    `[AutogradError: mul: a value saved for the gradient was overwritten in place after the forward pass. Call backward() before updating parameters, or clone() the value first.]`,
  );
});

test("the result of a recorded op is no target", () => {
  const device = open();
  const w = tensor(device, [1, 2], { requiresGrad: true });
  const y = w.mul(2);
  expect(() => assign(y, tensor(device, [0, 0]))).toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: assign: the target is the result of a recorded op, whose gradient would be wrong afterwards. Assign to a leaf, or inside noGrad().]`,
  );
  expect(() => assign(w, tensor(device, [0]))).toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: assign: target is [2], source is [1]. They must be equal: expand the source, or narrow the target.]`,
  );
});

test("an optimizer step between forward and backward is noticed", () => {
  const device = open();
  const w = tensor(device, [1, 2], { requiresGrad: true });
  const optimizer = new AdamW([w]);
  const loss = w.square().sum();
  w.mul(3).sum().backward();
  optimizer.step();
  expect(() => loss.backward()).toThrow(AutogradError);
});

test("what was pending on a parameter before the step keeps the old weights", async () => {
  const device = open();
  const w = tensor(device, [1, 2], { requiresGrad: true });
  const optimizer = new AdamW([w], { learningRate: 0.5 });
  w.sum().backward();
  const before = noGrad(() => w.mul(2));
  optimizer.step();
  expect([...(await before.data())]).toEqual([2, 4]);
  expect((await w.data())[0]).toBeLessThan(0.6);
});
