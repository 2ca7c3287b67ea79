// The backend in a worker of its own: the conformance suite through messages, and what happens when the
// worker fails, dies or is given nothing to do.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runConformance } from "@sixtyone/backend-testkit";
import { createDevice, tensor } from "@sixtyone/tensor";
import { afterEach, expect, test, vi } from "vitest";
import { watchWorkers } from "./watch-workers.ts";
import { wasmInWorker } from "../src/worker.ts";
import { bundleHost } from "../tools/bundle-host.ts";

test("the worker's program is bundled from the sources as they are; if not, run `pnpm build:wasm`", () => {
  const root = fileURLToPath(new URL("..", import.meta.url));
  expect(readFileSync(`${root}src/generated/host-source.ts`, "utf8") === bundleHost(root)).toBe(
    true,
  );
});

runConformance({ name: "wasm in a worker", create: () => wasmInWorker({ threads: 2 }) });

afterEach(() => vi.restoreAllMocks());

test("this thread goes on while the worker computes", async () => {
  const backend = await wasmInWorker({ threads: 1 });
  const device = createDevice(backend);
  const a = tensor(device, new Float32Array(512 * 512).fill(0.001), { shape: [512, 512] });
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const products = Array.from({ length: 20 }, () => a.matmul(a).eval());
  expect(await products[19]!.select(0, 0).select(0, 0).item()).toBeCloseTo(512e-6, 8);
  clearInterval(timer);
  // On this thread the products alone would have let no timer run.
  expect(ticks).toBeGreaterThan(3);
  device.dispose();
});

test("a failed launch is heard at the next read, and the backend works on", async () => {
  const backend = await wasmInWorker({ threads: 1 });
  const device = createDevice(backend);
  const x = tensor(device, [1, 2, 3]);
  const wrong = x.gather(0, tensor(device, [7], { dtype: "i32" }));
  await expect(wrong.data()).rejects.toThrowErrorMatchingInlineSnapshot(
    `[IndexError: gather: index 7 is outside axis 0 of size 3. Indices must be in 0..2.]`,
  );
  expect(await x.mul(2).toArray()).toEqual([2, 4, 6]);
  device.dispose();
});

test("a worker that dies is an error for who waits and for who comes later, never a hang", async () => {
  const workers = watchWorkers();
  const backend = await wasmInWorker({ threads: 1 });
  const device = createDevice(backend);
  const a = tensor(device, new Float32Array(512 * 512), { shape: [512, 512] });
  for (let i = 0; i < 50; i++) a.matmul(a).eval();
  const reading = a.data();
  await workers[0]!.terminate(); // in the middle of the products
  await expect(reading).rejects.toMatchObject({ code: "WORKER" });
  await expect(a.data()).rejects.toThrowErrorMatchingInlineSnapshot(
    `[SixtyoneError: wasm: the worker that computes ended (it exited with code 1). What it held is lost: create a new backend.]`,
  );
  device.dispose();
});

test("memory that runs out is an error with the sizes", async () => {
  const backend = await wasmInWorker({ threads: 1, maxBytes: 32 * 2 ** 20 });
  backend.alloc(8 * 2 ** 20);
  expect(() => backend.alloc(32 * 2 ** 20)).toThrowErrorMatchingInlineSnapshot(
    `[OutOfMemoryError: wasm: 33554432 bytes asked, 8388608 of 33554432 in use. Dispose tensors, make the batch smaller, or raise maxBytes (at most 4 GiB).]`,
  );
  await backend.sync();
  backend.dispose();
});

test("what the backend refuses is refused here", async () => {
  await expect(wasmInWorker({ threads: 0 })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[SixtyoneError: wasm: threads is 0. Pass a whole number from 1 to 64.]`,
  );
});

test("a process ends by itself, and not while it waits for an answer", () => {
  const index = fileURLToPath(new URL("../src/worker.ts", import.meta.url));
  const program =
    `import { wasmInWorker } from ${JSON.stringify(index)}; const backend = await wasmInWorker({ threads: 2 });` +
    `const buffer = backend.alloc(4); backend.write(buffer, 0, Uint8Array.of(1, 2, 3, 4)); console.log(...await backend.read(buffer, 0, 4));`;
  const output = execFileSync(
    process.execPath,
    ["--conditions=sixtyone-source", "--input-type=module", "-e", program],
    { encoding: "utf8", timeout: 20_000 },
  );
  expect(output.trim()).toBe("1 2 3 4");
});
