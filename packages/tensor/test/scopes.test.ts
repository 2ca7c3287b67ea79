// Scopes and the life of tensors: what is freed, when, and what using it afterwards says.

import { expect, test } from "vitest";
import {
  createDevice,
  noGrad,
  ones,
  tensor,
  UseAfterFreeError,
  zeros,
  type Device,
  type Tensor,
} from "../src/index.ts";
import { reference } from "../src/backend/index.ts";

const open = (): Device => createDevice(reference());
const live = (device: Device) => device.memory().storageCount;

test("a scope frees what was made inside it, across await", async () => {
  const device = open();
  let inside: Tensor;
  {
    using _scope = device.scope();
    inside = tensor(device, [1, 2, 3]);
    const doubled = inside.mul(2);
    await device.sync();
    const after = doubled.add(1);
    expect([...(await after.data())]).toEqual([3, 5, 7]);
    expect(live(device)).toBeGreaterThan(0);
  }
  expect(live(device)).toBe(0);
  expect(inside.isDisposed).toBe(true);
});

test("keep() hands a tensor to the surrounding scope, and to nobody from the outermost", () => {
  const device = open();
  const outer = device.scope();
  const inner = device.scope();
  const a = inner.keep(tensor(device, [1]));
  const b = tensor(device, [2]);
  inner.end();
  expect([a.isDisposed, b.isDisposed]).toEqual([false, true]);
  outer.keep(a);
  outer.end();
  expect(a.dataSync()[0]).toBe(1);
  a.dispose();
  expect(live(device)).toBe(0);
});

test("a scope that ends out of order ends only itself", () => {
  const device = open();
  const first = device.scope();
  const a = tensor(device, [1]);
  const second = device.scope();
  const b = tensor(device, [2]);
  first.end();
  expect([a.isDisposed, b.isDisposed]).toEqual([true, false]);
  expect(device.currentScope).toBe(second);
  const c = tensor(device, [3]);
  // Its parent is closed already: nobody owns what the second keeps.
  second.keep(c);
  second.end();
  expect([b.isDisposed, c.isDisposed]).toEqual([true, false]);
  expect(device.currentScope).toBeUndefined();
});

test("a scope ends when its block throws", () => {
  const device = open();
  expect(() => {
    using _scope = device.scope();
    tensor(device, [1]).add(1).eval();
    throw new Error("inside");
  }).toThrow("inside");
  expect(live(device)).toBe(0);
  expect(device.currentScope).toBeUndefined();
});

test("tidy keeps what the function returns, alone, in arrays and in objects", () => {
  const device = open();
  const made: Tensor[] = [];
  const kept = device.tidy(() => {
    const [a, b, c, d] = [1, 2, 3, 4].map((x) => tensor(device, [x]));
    made.push(a!, b!, c!, d!);
    return { a: a!, rest: [b!, { deep: c! }], count: 3 };
  });
  expect(made.map((x) => x.isDisposed)).toEqual([false, false, false, true]);
  expect(kept.a.dataSync()[0]).toBe(1);
});

test("tidy refuses an async function", () => {
  const device = open();
  expect(() => device.tidy(async () => tensor(device, [1]))).toThrowErrorMatchingInlineSnapshot(
    `[ScopeError: tidy: expected a synchronous function, got one that returned a promise. Use \`using scope = device.scope()\` in an async function.]`,
  );
});

test("`using` frees one tensor", () => {
  const device = open();
  {
    using x = ones(device, [4]).eval();
    expect(x.isDisposed).toBe(false);
    expect(live(device)).toBe(1);
  }
  expect(live(device)).toBe(0);
});

test("dispose() is idempotent and leaves views and pending results alone", async () => {
  const device = open();
  const x = tensor(device, [1, 2, 3, 4]);
  const view = x.slice([[1, 3]]);
  const pending = x.mul(10);
  x.dispose();
  x.dispose();
  expect([...(await view.data())]).toEqual([2, 3]);
  expect([...(await pending.data())]).toEqual([10, 20, 30, 40]);
  view.dispose();
  pending.dispose();
  expect(live(device)).toBe(0);
});

test("use after free names the op and the tensor", async () => {
  const device = open();
  const x = tensor(device, [[1, 2]]);
  const y = x.add(1);
  x.dispose();
  y.dispose();
  expect(() => x.mul(2)).toThrow(UseAfterFreeError);
  expect(() => x.mul(2)).toThrowErrorMatchingInlineSnapshot(
    `[UseAfterFreeError: mul: this tensor (tensor, [1, 2]) was freed by dispose() or its scope. Return it from the scope, or scope.keep(tensor) it.]`,
  );
  expect(() => y.matmul(y)).toThrowErrorMatchingInlineSnapshot(
    `[UseAfterFreeError: matmul: this tensor (add, [1, 2]) was freed by dispose() or its scope. Return it from the scope, or scope.keep(tensor) it.]`,
  );
  await expect(y.data()).rejects.toThrow(UseAfterFreeError);
  expect(() => y.backward()).toThrow(UseAfterFreeError);
});

test("a tensor of an ended scope is freed, by the same error", () => {
  const device = open();
  const leaked = (() => {
    using _scope = device.scope();
    return zeros(device, [2]).add(1);
  })();
  expect(() => leaked.sum()).toThrow(UseAfterFreeError);
});

test("a leaf keeps its gradient when the scope of the backward pass ends", async () => {
  const device = open();
  const w = tensor(device, [1, 2], { requiresGrad: true });
  {
    using _scope = device.scope();
    w.square().sum().backward();
  }
  expect([...(await w.grad!.data())]).toEqual([2, 4]);
  w.dispose();
  expect(live(device)).toBe(0);
});

test("a forward pass without backward frees its saved values with the scope", () => {
  const device = open();
  const w = tensor(device, [1, 2], { requiresGrad: true });
  {
    using _scope = device.scope();
    w.exp().mul(w).sum().eval();
    noGrad(() => w.exp().eval());
  }
  expect(live(device)).toBe(1);
});

test("memory() counts bytes, peak and storages", () => {
  const device = open();
  const x = zeros(device, [256]).eval();
  const y = zeros(device, [3], "bf16").eval();
  expect(device.memory()).toMatchObject({ liveBytes: 1024 + 8, storageCount: 2 });
  x.dispose();
  expect(device.memory()).toMatchObject({ liveBytes: 8, peakBytes: 1024 + 8 });
  device.resetPeak();
  expect(device.memory().peakBytes).toBe(8);
  y.dispose();
});

test("a disposed device says so", () => {
  const device = open();
  const x = tensor(device, [1]);
  device.dispose();
  device.dispose();
  expect(() => x.add(1).eval()).toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: reference: the device was disposed.]`,
  );
});
