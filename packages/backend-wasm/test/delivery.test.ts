// What is delivered: the inlined entry, the choice of a build, memory limits, and the sizes promised.

import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterEach, expect, test, vi } from "vitest";
import { wasm } from "../src/index.ts";
import { wasm as inlined } from "../src/inline.ts";
import { detectBuild, forUnsharedMemory } from "../src/load-module.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const bytesOf = (name: string): Buffer =>
  readFileSync(new URL(`../wasm/${name}.wasm`, import.meta.url));

test("the inlined entry needs no file", async () => {
  const backend = await inlined({ threads: 1 });
  const buffer = backend.alloc(4);
  backend.write(buffer, 0, Uint8Array.of(1, 2, 3, 4));
  expect([...backend.readSync!(buffer, 0, 4)]).toEqual([1, 2, 3, 4]);
});

test("this engine has relaxed SIMD, and both builds are valid WebAssembly", () => {
  expect(detectBuild()).toBe("relaxed");
  for (const name of ["simd", "relaxed"]) {
    const bytes = new Uint8Array(bytesOf(name));
    expect(WebAssembly.validate(bytes)).toBe(true);
    expect(WebAssembly.validate(forUnsharedMemory(bytes))).toBe(true);
  }
});

test("both builds together stay below 120 kB gzip", () => {
  const size = ["simd", "relaxed"].reduce((sum, name) => sum + gzipSync(bytesOf(name)).length, 0);
  expect(size).toBeLessThan(120_000);
});

test("memory that runs out is an error with the sizes, and the backend works on", async () => {
  const backend = await wasm({ maxBytes: 32 * 2 ** 20, threads: 1 });
  const kept = backend.alloc(8 * 2 ** 20);
  expect(() => backend.alloc(64 * 2 ** 20)).toThrowErrorMatchingInlineSnapshot(
    `[OutOfMemoryError: wasm: 67108864 bytes asked, 9502720 of 33554432 in use, 7208896 free with fragmentation 0.00. Dispose tensors, make the batch smaller, or raise maxBytes (at most 4 GiB).]`,
  );
  const more = Array.from({ length: 10 }, () => backend.alloc(2 ** 20));
  for (const buffer of more) backend.free(buffer);
  backend.free(kept);
  // Freed blocks merge again: one piece of nearly everything.
  const big = backend.alloc(24 * 2 ** 20);
  backend.free(big);
  expect(backend.memory().fragmentation).toBeLessThan(0.5);
});

test("a flag this engine does not know would not be an error: revectorize only asks", async () => {
  const backend = await wasm({ revectorize: true, threads: 1 });
  backend.dispose();
});

test("an engine without relaxed SIMD gets the plain build, one without SIMD a clear error", () => {
  const validate = vi.spyOn(WebAssembly, "validate");
  validate.mockReturnValueOnce(true).mockReturnValueOnce(false);
  expect(detectBuild()).toBe("simd");
  validate.mockReturnValue(false);
  expect(() => detectBuild()).toThrowErrorMatchingInlineSnapshot(
    `[UnsupportedError: wasm: this engine has no WebAssembly SIMD. Use Node ≥ 16.4, Chrome ≥ 91, Firefox ≥ 89 or Safari ≥ 16.4, or another backend.]`,
  );
});

test("threads without SharedArrayBuffer are refused, none are asked for by default", async () => {
  vi.stubGlobal("SharedArrayBuffer", undefined);
  await expect(wasm({ threads: 2 })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[UnsupportedError: wasm: 2 threads need SharedArrayBuffer. Serve the page with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or pass threads: 1.]`,
  );
  const backend = await wasm();
  expect(backend.capabilities.threads).toBe(1);
});

test("freeing a buffer twice is an error, not a damaged heap", async () => {
  const backend = await wasm({ threads: 1 });
  const buffer = backend.alloc(100);
  backend.free(buffer);
  expect(() => backend.free(buffer)).toThrowErrorMatchingInlineSnapshot(
    `[SixtyoneError: wasm: a buffer of 100 bytes was freed twice. Free each buffer once.]`,
  );
});
