// The linear memory up to four gigabytes: growth, addresses beyond 2 GiB in every kind of kernel, fragmentation,
// and an end of memory that the backend survives.

import { attention, createDevice, tensor, type Tensor } from "@sixtyone/tensor";
import { expect, test } from "vitest";
import type { WasmBuffer } from "../src/buffer.ts";
import { wasm } from "../src/index.ts";

const gibibyte = 2 ** 30;

test("kernels work on addresses beyond 2 GiB, and up to the end of 4 GiB", async () => {
  const backend = await wasm({ threads: 1 });
  const device = createDevice(backend);
  async function results(): Promise<number[][]> {
    using _scope = device.scope();
    const values = Float32Array.from({ length: 96 * 96 }, (_, i) => Math.sin(i));
    const a = tensor(device, values, { shape: [96, 96] });
    const heads = a.reshape([1, 4, 24, 96]);
    const list: Tensor[] = [
      a.exp().mul(2),
      a.matmul(a.transpose()),
      a.sum(0),
      a.softmax(),
      attention(heads, heads, heads, { causal: true }).reshape([96, 96]),
      a.gather(0, tensor(device, [3, 90], { dtype: "i32" }).unsqueeze(1).expand([2, 96])),
    ];
    return Promise.all(list.map(async (x) => [...(await x.data())]));
  }
  const low = await results();
  const before = backend.memory();
  // Memory is only reserved where nothing is written, so this costs the machine little.
  const fillers = [backend.alloc(2 * gibibyte), backend.alloc(gibibyte)];
  const blocks = [backend.alloc(1024)];
  while ((blocks.at(-1) as WasmBuffer).address < 3 * gibibyte) blocks.push(backend.alloc(2 ** 20));
  const { totalBytes, usedBytes } = backend.memory();
  expect(totalBytes).toBeGreaterThan(before.totalBytes);
  expect(usedBytes).toBeGreaterThan(3 * gibibyte);
  expect(await results()).toEqual(low);
  // To the last page, then one allocation too many.
  const rest: ReturnType<typeof backend.alloc>[] = [];
  expect(() => {
    for (;;) rest.push(backend.alloc(64 * 2 ** 20));
  }).toThrow(/67108864 bytes asked, \d+ of 4294967296 in use/);
  const last = rest.at(-1)!;
  backend.write(last, last.byteLength - 4, Uint8Array.of(1, 2, 3, 4));
  expect([...backend.readSync!(last, last.byteLength - 4, 4)]).toEqual([1, 2, 3, 4]);
  for (const buffer of rest) backend.free(buffer);
  expect(await results()).toEqual(low);
  for (const buffer of [...fillers, ...blocks]) backend.free(buffer);
  // Everything merges again.
  backend.free(backend.alloc(3.5 * gibibyte));
  expect(backend.memory().fragmentation).toBeLessThan(0.2);
  device.dispose();
});

test("fragmentation is reported: small holes are not a large one", async () => {
  const backend = await wasm({ threads: 1, maxBytes: 48 * 2 ** 20 });
  const buffers = Array.from({ length: 40 }, () => backend.alloc(2 ** 20));
  const whole = backend.memory().fragmentation;
  buffers.forEach((buffer, i) => i % 2 === 0 && backend.free(buffer));
  expect(backend.memory().fragmentation).toBeGreaterThan(Math.max(whole, 0.5));
  expect(() => backend.alloc(16 * 2 ** 20)).toThrow(/fragmentation 0\.[5-9]/);
  buffers.forEach((buffer, i) => i % 2 === 1 && backend.free(buffer));
  backend.free(backend.alloc(16 * 2 ** 20));
  backend.dispose();
});
