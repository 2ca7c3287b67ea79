// Packed panels kept from product to product: the same bits as packing each time, whatever wrote to the matrix in
// between, within their budget, and given up before memory runs out.

import { createHash } from "node:crypto";
import {
  AdamW,
  assign,
  createDevice,
  groupedMatmul,
  linear,
  linearLogProb,
  quantize,
  step,
  tensor,
  type Device,
  type Tensor,
} from "@sixtyone/tensor";
import type { BufferHandle } from "@sixtyone/tensor/backend";
import { describe, expect, test } from "vitest";
import { wasm, type WasmBackend, type WasmOptions } from "../src/index.ts";
import { wasmInWorker } from "../src/worker.ts";

const [rows, inner, columns] = [96, 320, 288];
/** Of one B of this shape. */
const panelBytes = inner * columns * 4;

function matrix(device: Device, shape: number[], seed: number): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length: size }, (_, i) => Math.sin(i * 1.7 + seed));
  return tensor(device, values, { shape });
}

async function open(options: WasmOptions = {}): Promise<[WasmBackend, Device]> {
  const backend = await wasm({ threads: 1, ...options });
  return [backend, createDevice(backend)];
}

/** Of the values; a difference needs no list of them. */
const bits = async (x: Tensor): Promise<string> =>
  createHash("sha256")
    .update((await x.data()) as Float32Array)
    .digest("hex");

/** One product of each kind, made from the same operands each time. */
async function products(device: Device): Promise<() => Tensor[]> {
  const [x, w] = [matrix(device, [rows, inner], 1), matrix(device, [inner, columns], 2)];
  const small = matrix(device, [200, 250], 8); // read in place until panels of it are kept
  const batches = [matrix(device, [3, rows, inner], 3), matrix(device, [3, inner, columns], 4)];
  const experts = matrix(device, [2, inner, columns], 5);
  const offsets = tensor(device, [0, 20, rows], { dtype: "i32" });
  const head = matrix(device, [columns, inner], 6);
  const targets = tensor(
    device,
    Int32Array.from({ length: rows }, (_, i) => i),
    { dtype: "i32" },
  );
  const half = w.cast("f16").eval();
  const quantized = await quantize(head, { format: "int8" });
  return () => [
    x.matmul(w),
    x.narrow(1, 0, 200).matmul(small),
    linear(x, head),
    batches[0]!.matmul(batches[1]!),
    x.matmul(half),
    linear(x, quantized),
    groupedMatmul(x, experts, offsets),
    linearLogProb(x, head, targets).logProb,
  ];
}

describe.each([1, 2])("%i threads", (threads) => {
  test("every product has the bits it has without kept panels", async () => {
    const [without, plain] = await open({ threads, maxPanelBytes: 0 });
    const expected = await Promise.all((await products(plain))().map(bits));
    expect(without.memory().panelBytes).toBe(0);
    const [backend, device] = await open({ threads });
    const run = await products(device);
    for (let round = 0; round < 4; round++) {
      expect(await Promise.all(run().map(bits))).toEqual(expected);
      if (round > 0) expect(backend.memory().panelBytes).toBeGreaterThan(6 * panelBytes);
    }
    [plain, device].forEach((each) => each.dispose());
  });
});

test("what writes to a weight between products is seen: the host, an op, an optimizer, a plan", async () => {
  const [backend, device] = await open();
  const [x, w] = [matrix(device, [rows, inner], 1), matrix(device, [inner, columns], 2)];
  w.requiresGrad_();
  const optimizer = new AdamW([w], { learningRate: 0.1 });
  const replayed = step(device, () => {
    assign(w.detach(), w.detach().mul(0.5));
    return [x.matmul(w.detach()).sum()];
  });
  const writers: readonly (() => void)[] = [
    () => assign(w.detach(), matrix(device, [inner, columns], 7)),
    () => assign(w.detach(), w.detach().add(1)),
    () => assign(w.detach().narrow(1, 8, 8), w.detach().narrow(1, 16, 8).mul(2)),
    () => {
      x.matmul(w).square().mean().backward();
      optimizer.step();
    },
    ...Array.from({ length: 4 }, () => () => void replayed()),
  ];
  const product = (): Promise<string> => bits(x.matmul(w.detach()));
  for (const write of writers) {
    const before = await product();
    expect(await product()).toEqual(before);
    expect(backend.memory().panelBytes).toBeGreaterThanOrEqual(panelBytes);
    write();
    const after = await product();
    expect(after).not.toEqual(before);
    // A copy, which no panels are kept of, says what is right.
    expect(after).toEqual(await bits(x.matmul(w.detach().mul(1).eval())));
  }
  replayed.dispose();
  device.dispose();
});

test("a plan packs what changed since its last replay, whoever changed it", async () => {
  const [, device] = await open();
  const [x, w] = [matrix(device, [rows, inner], 1), matrix(device, [inner, columns], 2)];
  const replayed = step(device, () => [x.matmul(w), x.add(1).matmul(w)]);
  const same = async (): Promise<void> => {
    const [first, second] = replayed();
    const copy = w.mul(1).eval(); // which no panels are kept of
    expect(await bits(first!)).toEqual(await bits(x.matmul(copy)));
    expect(await bits(second!)).toEqual(await bits(x.add(1).matmul(copy)));
  };
  for (let i = 0; i < 4; i++) await same();
  assign(w, w.mul(-2));
  for (let i = 0; i < 2; i++) await same();
  assign(x, x.add(3));
  await same();
  replayed.dispose();
  device.dispose();
});

test("what is new in each step is not kept", async () => {
  const [backend, device] = await open();
  const x = matrix(device, [rows, inner], 1);
  const cache = matrix(device, [inner, columns], 2);
  for (let i = 0; i < 5; i++) {
    device.tidy(() => void x.matmul(matrix(device, [inner, columns], i)).eval());
    assign(cache, cache.add(1));
    device.tidy(() => void x.matmul(cache).eval());
    expect(backend.memory().panelBytes).toBe(0);
  }
  device.dispose();
});

test("the budget holds, and the longest unused go first", async () => {
  const [backend, device] = await open({ maxPanelBytes: 2.5 * panelBytes });
  const x = matrix(device, [rows, inner], 1);
  const weights = [2, 3, 4, 5].map((seed) => matrix(device, [inner, columns], seed));
  const use = (w: Tensor): void => device.tidy(() => void x.matmul(w).eval());
  for (let round = 0; round < 3; round++)
    for (const w of weights) for (const one of [w, w]) use(one);
  const kept = backend.memory().panelBytes;
  expect(kept).toBeGreaterThanOrEqual(2 * panelBytes);
  expect(kept).toBeLessThanOrEqual(2.5 * panelBytes);
  // The last two are the ones: without the first two nothing changes, without the last nothing is left.
  weights.slice(0, 2).forEach((w) => w.dispose());
  expect(backend.memory().panelBytes).toBe(kept);
  weights[2]!.dispose();
  expect(backend.memory().panelBytes).toBe(kept / 2);
  weights[3]!.dispose();
  expect(backend.memory().panelBytes).toBe(0);
  device.dispose();
});

test("kept panels go before an allocation fails, and the results stay", async () => {
  const [backend, device] = await open({ maxBytes: 24 * 2 ** 20 });
  const x = matrix(device, [rows, inner], 1);
  const weights = Array.from({ length: 6 }, (_, i) => matrix(device, [inner, columns], i));
  const expected = await Promise.all(weights.map((w) => bits(x.matmul(w))));
  expect(await Promise.all(weights.map((w) => bits(x.matmul(w))))).toEqual(expected);
  const kept = backend.memory().panelBytes;
  expect(kept).toBeGreaterThanOrEqual(6 * panelBytes);
  const blocks: BufferHandle[] = [];
  while (backend.memory().panelBytes === kept) blocks.push(backend.alloc(2 ** 18));
  expect(backend.memory().panelBytes).toBeGreaterThan(0);
  expect(await bits(x.matmul(weights[5]!))).toEqual(expected[5]);
  expect(() => {
    for (;;) blocks.push(backend.alloc(2 ** 18));
  }).toThrow(/bytes asked/);
  expect(backend.memory().panelBytes).toBe(0);
  // What one product needs, and no more.
  for (const block of blocks.splice(-16)) backend.free(block);
  for (const i of [0, 5, 0, 5]) expect(await bits(x.matmul(weights[i]!))).toEqual(expected[i]);
  for (const block of blocks) backend.free(block);
  device.dispose();
});

test("a backend in a worker keeps panels and sees writes", async () => {
  const device = createDevice(await wasmInWorker({ threads: 1, maxPanelBytes: 2 ** 24 }));
  const [x, w] = [matrix(device, [rows, inner], 1), matrix(device, [inner, columns], 2)];
  for (let i = 0; i < 3; i++) {
    const first = await bits(x.matmul(w));
    for (let again = 0; again < 2; again++) expect(await bits(x.matmul(w))).toEqual(first);
    assign(w, matrix(device, [inner, columns], 3 + i));
    expect(await bits(x.matmul(w))).toEqual(await bits(x.matmul(w.mul(1).eval())));
  }
  device.dispose();
});
