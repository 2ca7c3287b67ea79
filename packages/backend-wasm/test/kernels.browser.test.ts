// The backend in a real page: the .wasm file found through import.meta.url, one thread and several on
// shared memory (the test server isolates the page), both builds, the same bits.

import { contiguousStrides, sizeOf } from "@sixtyone/tensor/backend";
import { expect, test } from "vitest";
import { wasm, type WasmBackend, type WasmOptions } from "../src/index.ts";

function matmul(backend: WasmBackend, m: number, k: number, n: number): Float32Array {
  const make = (shape: number[], seed: number) => {
    const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i * seed));
    const buffer = backend.alloc(values.byteLength);
    backend.write(buffer, 0, new Uint8Array(values.buffer));
    return { buffer, dtype: "f32" as const, shape, strides: contiguousStrides(shape), offset: 0 };
  };
  const [a, b, c] = [make([m, k], 0.37), make([k, n], 0.73), make([m, n], 1)];
  backend.run({ kernel: "matmul", params: {}, inputs: [a, b], outputs: [c], op: "matmul" });
  return new Float32Array(backend.readSync!(c.buffer, 0, m * n * 4).slice().buffer);
}

async function product(options: WasmOptions): Promise<Float32Array> {
  const backend = await wasm(options);
  const result = matmul(backend, 130, 77, 210);
  backend.dispose();
  return result;
}

test("matrix products are right in both builds", async () => {
  const exact = Math.fround(
    Array.from(
      { length: 77 },
      (_, k) => Math.sin(0.37 * (77 + k)) * Math.sin(0.73 * (k * 210 + 3)),
    ).reduce((x, y) => x + y),
  );
  for (const build of ["simd", "relaxed"] as const) {
    const result = await product({ build, threads: 1 });
    expect(result[210 + 3]).toBeCloseTo(exact, 3);
  }
});

test("threads give the same bits in a cross-origin isolated page", async () => {
  expect(globalThis.crossOriginIsolated).toBe(true);
  const one = await product({ threads: 1 });
  expect(await product({ threads: 2 })).toEqual(one);
  expect(await product({ threads: 4 })).toEqual(one);
});

test("without being asked a page gets one thread", async () => {
  const backend = await wasm();
  expect(backend.capabilities.threads).toBe(1);
  backend.dispose();
});
