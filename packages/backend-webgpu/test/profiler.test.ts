// The profiler on the device's clock: the same table as WebAssembly's, with the kernels' own times. And labels:
// captures and error messages name every object.

import { createDevice, profile, step, tensor, trace, type Device } from "@sixtyone/tensor";
import { wasm } from "@sixtyone/backend-wasm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WebGpuBackend } from "../src/index.ts";
import { hasAdapter, openBackend } from "./adapter.ts";

describe.skipIf(!hasAdapter)("the profiler on webgpu", () => {
  let backend: WebGpuBackend;
  let device: Device;
  beforeAll(async () => {
    backend = await openBackend();
    device = createDevice(backend);
  });
  afterAll(() => device.dispose());
  const peak = { gflops: 10, gigabytesPerSecond: 10 };

  function work(on: Device): () => Promise<number> {
    const a = tensor(on, new Float32Array(64 * 64).fill(0.5), { shape: [64, 64] });
    return () => a.matmul(a).exp().sum().item();
  }

  test("the rows of webgpu are those of wasm, with times and rates", async () => {
    const rows = async (on: Device) => (await profile(on, work(on), { peak })).rows;
    const [ours, theirs] = [await rows(device), await rows(createDevice(await wasm()))];
    const table = (list: typeof ours) =>
      list.map(({ kernel, calls }) => `${kernel} ${calls}`).sort();
    expect(table(ours)).toEqual(table(theirs));
    for (const { ms, gflops, percentOfRoofline } of ours) {
      expect(ms).toBeGreaterThan(0);
      expect(gflops).toBeGreaterThan(0);
      expect(percentOfRoofline).toBeGreaterThan(0);
    }
  });

  test("more launches than one set of timestamps holds", async () => {
    const x = tensor(device, [1, 2, 3]);
    const many = (): void => {
      using _scope = device.scope();
      for (let i = 0; i < 700; i++) x.add(i).eval();
    };
    const { rows } = await profile(device, many, { peak });
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ kernel: "map add", calls: 700 });
    expect(rows[0]!.ms).toBeGreaterThan(0);
  });

  test("a replayed step is seen launch by launch, with the same result", async () => {
    const double = step(device, (x) => [x!.matmul(x!).mul(2).exp().sum()]);
    const run = () =>
      double(
        tensor(device, [
          [0.1, 0.2],
          [0.3, 0.4],
        ]),
      )[0]!;
    for (let i = 0; i < 3; i++) run();
    const want = await run().item();
    const { rows } = await profile(device, () => run(), { peak });
    expect(rows.map(({ kernel }) => kernel)).toContain("matmul");
    const lines: string[] = [];
    const stop = trace(device, 1, (line) => lines.push(line));
    expect(await run().item()).toBe(want);
    stop();
    expect(lines.some((line) => line.includes("matmul"))).toBe(true);
  });

  test("an error inside is thrown, and what comes after is timed again", async () => {
    expect(() =>
      backend.time!(() => {
        throw new Error("stop");
      }),
    ).toThrow("stop");
    const time = backend.time!(() => {});
    expect(await time).toBe(0);
    const { rows } = await profile(device, work(device), { peak });
    expect(rows[0]!.ms).toBeGreaterThan(0);
  });
});

describe.skipIf(!hasAdapter)("labels", () => {
  test("are on every object of the GPU", async () => {
    const backend = await openBackend();
    const gpu = backend.device;
    const unnamed: string[] = [];
    const made = new Set<string>();
    // Objects inherit their class's methods; wrapping them on the device sees every call.
    for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(gpu)).filter((n) =>
      n.startsWith("create"),
    )) {
      const create = (gpu[name as keyof GPUDevice] as (d?: object) => { label?: string }).bind(gpu);
      Object.defineProperty(gpu, name, {
        value: (descriptor?: { label?: string }) => {
          made.add(name);
          if (!descriptor?.label) unnamed.push(name);
          return create(descriptor);
        },
      });
    }
    const device = createDevice(backend);
    const x = tensor(device, [
      [1, 2],
      [3, 4],
    ]);
    await profile(device, () => x.matmul(x).add(1).data(), {
      peak: { gflops: 1, gigabytesPerSecond: 1 },
    });
    device.dispose();
    expect(unnamed).toEqual([]);
    expect([...made].sort()).toEqual([
      "createBindGroup",
      "createBindGroupLayout",
      "createBuffer",
      "createCommandEncoder",
      "createComputePipeline",
      "createPipelineLayout",
      "createQuerySet",
      "createShaderModule",
    ]);
    expect(gpu.label).not.toBe("");
    expect(gpu.queue.label).not.toBe("");
  });
});
