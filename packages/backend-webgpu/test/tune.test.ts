// Tuning: what it measures, what it remembers, and that a bad file does no harm.

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDevice, tensor } from "@sixtyone/tensor";
import { afterAll, describe, expect, it } from "vitest";
import { recall, remember } from "../src/tune/memory.ts";
import { hasAdapter, openBackend } from "./adapter.ts";

const before = process.env["XDG_CACHE_HOME"];
const folder = mkdtempSync(join(tmpdir(), "sixtyone-tune-"));
process.env["XDG_CACHE_HOME"] = folder;
const file = join(folder, "sixtyone", "webgpu-tuning.json");

afterAll(() => {
  if (before === undefined) delete process.env["XDG_CACHE_HOME"];
  else process.env["XDG_CACHE_HOME"] = before;
});

describe("what tuning remembers", () => {
  it("is kept adapter by adapter", async () => {
    expect(await recall("one")).toBeUndefined();
    expect(await remember("one", { largeTile: "64x64", matrices: {} })).toBe(true);
    expect(
      await remember("two", { largeTile: "128x64", matrices: { f16: "matrices 64x64" } }),
    ).toBe(true);
    expect(await recall("one")).toEqual({ largeTile: "64x64", matrices: {} });
    expect(await recall("two")).toEqual({
      largeTile: "128x64",
      matrices: { f16: "matrices 64x64" },
    });
    expect(await recall("three")).toBeUndefined();
  });

  it("is not believed when it makes no sense", async () => {
    writeFileSync(
      file,
      JSON.stringify({
        one: { largeTile: "7x7" },
        two: 5,
        three: { largeTile: "64x64", matrices: { f16: "64x64", f32: "matrices 64x64", f64: 1 } },
      }),
    );
    expect(await recall("one")).toBeUndefined();
    expect(await recall("two")).toBeUndefined();
    expect(await recall("three")).toEqual({
      largeTile: "64x64",
      matrices: { f32: "matrices 64x64" },
    });
    writeFileSync(file, "not JSON");
    expect(await recall("one")).toBeUndefined();
    expect(await remember("one", { largeTile: "64x64", matrices: {} })).toBe(true);
    expect(await recall("one")).toEqual({ largeTile: "64x64", matrices: {} });
  });

  it("does without where nothing can be written", async () => {
    writeFileSync(join(folder, "a-file"), "");
    process.env["XDG_CACHE_HOME"] = join(folder, "a-file");
    expect(await remember("one", { largeTile: "64x64", matrices: {} })).toBe(false);
    expect(await recall("one")).toBeUndefined();
    process.env["XDG_CACHE_HOME"] = folder;
  });
});

describe.skipIf(!hasAdapter)("tune", () => {
  it(
    "measures tiles, writes the fastest down, and products stay what they were",
    { timeout: 120_000 },
    async () => {
      const backend = await openBackend();
      const device = createDevice(backend);
      using scope = device.scope();
      void scope;
      const x = tensor(
        device,
        Float32Array.from({ length: 64 * 64 }, (_, i) => Math.sin(i)),
        { shape: [64, 64] },
      );
      const y = await x.matmul(x).data();
      const times = await backend.tune();
      expect(times.length).toBeGreaterThan(1);
      expect(times.every(({ rate }) => rate > 0 && rate <= times[0]!.rate)).toBe(true);
      const table = JSON.parse(readFileSync(file, "utf8")) as Record<string, { largeTile: string }>;
      expect(table[backend.capabilities.description]!.largeTile).toBe(times[0]!.tile);
      const again = await x.matmul(x).data();
      again.forEach((value, i) => expect(value).toBeCloseTo(y[i]!, 4));
      const used = backend.memory().usedBytes;
      await backend.tune();
      expect(backend.memory().usedBytes).toBe(used);
      device.dispose();
    },
  );
});
