// The contract beside the kernels: memory, order of work, reading, failing and recovering.

import { describe, expect, test } from "vitest";
import { OutOfMemoryError, type Backend, type LaunchOf } from "@sixtyone/tensor/backend";
import { leafExpr, opExpr, toProgram } from "@sixtyone/tensor/backend";
import { openDevices, type ConformanceOptions } from "./context.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

function floats(backend: Backend, values: readonly number[]) {
  const buffer = backend.alloc(4 * values.length);
  backend.write(buffer, 0, new Uint8Array(Float32Array.from(values).buffer));
  return { buffer, dtype: "f32" as const, shape: [values.length], strides: [1], offset: 0 };
}

async function readFloats(backend: Backend, binding: ReturnType<typeof floats>): Promise<number[]> {
  const data = await backend.read(binding.buffer, 0, binding.buffer.byteLength);
  return [...new Float32Array(data.slice().buffer)].slice(0, binding.shape[0]);
}

type FloatBinding = ReturnType<typeof floats>;

function addLaunch(a: FloatBinding, b: FloatBinding, out: FloatBinding): LaunchOf<"map"> {
  const { program } = toProgram([opExpr("add", leafExpr(0, "f32"), leafExpr(1, "f32"))], ["f32"]);
  const params = { program, scalars: [], shape: a.shape };
  return { kernel: "map", op: "add", params, inputs: [a, b], outputs: [out] };
}

export function contractSuite(options: ConformanceOptions): void {
  describe("contract", () => {
    const context = openDevices(options);

    test("says what it is", () => {
      const { name, capabilities } = context.device.backend;
      expect(name.length).toBeGreaterThan(0);
      expect(capabilities.description.length).toBeGreaterThan(0);
      // Six operands and three results is what one expression may need, beside its parameters.
      expect(capabilities.maxBindings).toBeGreaterThanOrEqual(7);
      expect(capabilities.maxBufferBytes).toBeGreaterThanOrEqual(2 ** 27);
      expect(capabilities.threads).toBeGreaterThanOrEqual(1);
    });

    test("writes and reads parts of a buffer", async () => {
      const { backend } = context.device;
      const buffer = backend.alloc(16);
      backend.write(buffer, 0, new Uint8Array(16).fill(9));
      backend.write(buffer, 4, bytes(1, 2, 3, 4, 5, 6, 7, 8));
      expect(buffer.byteLength).toBeGreaterThanOrEqual(16);
      expect([...(await backend.read(buffer, 0, 16))]).toEqual([
        9, 9, 9, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9,
      ]);
      expect([...(await backend.read(buffer, 8, 4))]).toEqual([5, 6, 7, 8]);
      if (backend.readSync) expect([...backend.readSync(buffer, 8, 4)]).toEqual([5, 6, 7, 8]);
      backend.free(buffer);
    });

    test("writes from a view that starts in the middle of its memory", async () => {
      const { backend } = context.device;
      const buffer = backend.alloc(8);
      const source = new Float32Array([1, 2, 3, 4]).subarray(2);
      backend.write(buffer, 0, new Uint8Array(source.buffer, source.byteOffset, source.byteLength));
      const data = await backend.read(buffer, 0, 8);
      expect([...new Float32Array(data.slice().buffer)]).toEqual([3, 4]);
      backend.free(buffer);
    });

    test("what was read does not change when the buffer does", async () => {
      const { backend } = context.device;
      const buffer = backend.alloc(4);
      backend.write(buffer, 0, bytes(1, 1, 1, 1));
      const before = await backend.read(buffer, 0, 4);
      backend.write(buffer, 0, bytes(2, 2, 2, 2));
      expect([...before]).toEqual([1, 1, 1, 1]);
      backend.free(buffer);
    });

    test("what was written is taken at once: the caller may reuse its bytes", async () => {
      const { backend } = context.device;
      const buffer = backend.alloc(4);
      const source = bytes(1, 2, 3, 4);
      backend.write(buffer, 0, source);
      source.fill(0);
      expect([...(await backend.read(buffer, 0, 4))]).toEqual([1, 2, 3, 4]);
      backend.free(buffer);
    });

    test("launches, writes and reads take effect in order", async () => {
      const { backend } = context.device;
      const [a, b, c] = [
        floats(backend, [1, 2]),
        floats(backend, [10, 20]),
        floats(backend, [0, 0]),
      ];
      backend.run(addLaunch(a, b, c) as never);
      backend.write(a.buffer, 0, new Uint8Array(Float32Array.of(5, 6).buffer));
      backend.run(addLaunch(a, c, b) as never);
      backend.flush();
      expect(await readFloats(backend, c)).toEqual([11, 22]);
      expect(await readFloats(backend, b)).toEqual([16, 28]);
      await backend.sync();
      for (const { buffer } of [a, b, c]) backend.free(buffer);
    });

    test("a buffer that is freed and handed out again is a buffer of its own", async () => {
      const { backend } = context.device;
      const first = backend.alloc(64);
      backend.free(first);
      const [second, third] = [backend.alloc(64), backend.alloc(64)];
      backend.write(second, 0, new Uint8Array(64).fill(2));
      backend.write(third, 0, new Uint8Array(64).fill(3));
      expect(new Set(await backend.read(second, 0, 64))).toEqual(new Set([2]));
      expect(new Set(await backend.read(third, 0, 64))).toEqual(new Set([3]));
      backend.free(second);
      backend.free(third);
    });

    test("memory that runs out is an OutOfMemoryError, and the backend works on", async () => {
      const { backend } = context.device;
      expect(() => backend.alloc(2 ** 52)).toThrow(OutOfMemoryError);
      const x = floats(backend, [1, 2, 3]);
      expect(await readFloats(backend, x)).toEqual([1, 2, 3]);
      backend.free(x.buffer);
    });

    test("a recorded plan does what its launches do, again and again", async () => {
      const { backend } = context.device;
      const [a, b, c] = [
        floats(backend, [1, 2]),
        floats(backend, [10, 20]),
        floats(backend, [0, 0]),
      ];
      const launches = [addLaunch(a, b, c), addLaunch(c, b, a)] as never[];
      // Where there is no record(), the core runs the launches one by one.
      const plan = backend.record?.(launches);
      for (let step = 0; step < 2; step++) {
        if (plan) plan.replay();
        else for (const launch of launches) backend.run(launch);
      }
      expect(await readFloats(backend, c)).toEqual([31, 62]);
      expect(await readFloats(backend, a)).toEqual([41, 82]);
      if (plan) expect(plan.launchCount).toBe(2);
      plan?.dispose();
      for (const { buffer } of [a, b, c]) backend.free(buffer);
    });

    test("dispose() may be called twice", async () => {
      const backend = await options.create();
      floats(backend, [1, 2, 3]);
      backend.dispose();
      expect(() => backend.dispose()).not.toThrow();
    });
  });
}
