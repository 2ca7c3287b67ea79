// The program on WebGPU in Node: the same seed samples the same completions as on WebAssembly, and the first
// three steps agree.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { hasAdapter, openBackend } from "../../packages/backend-webgpu/test/adapter.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "r1-zero-webgpu-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Metrics = Readonly<Record<string, number>>;

function train(...args: string[]): readonly Metrics[] {
  const json = join(folder, "result.json");
  const options = [
    "--steps",
    "3",
    "--eval-problems",
    "1",
    "--eval-samples",
    "1",
    "--out",
    folder,
    "--json",
    json,
  ];
  // The tests' switches make compiling cheap and running slow; here it is running that counts.
  const { GALLIVM_PERF: _, LP_NATIVE_VECTOR_WIDTH: __, ...env } = process.env;
  const node = ["--conditions=sixtyone-source", main, ...options, ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, node, { encoding: "utf8", env });
  expect(status, stderr).toBe(0);
  expect(stdout).toContain("after: pass@1");
  return (JSON.parse(readFileSync(json, "utf8")) as { history: Metrics[] }).history;
}

/** Rewards and lengths come from the sampled tokens alone, so they are equal; these come from sums in f32. */
const rounded = new Set(["loss", "grad_norm", "entropy", "kl", "clip_ratio"]);

test.skipIf(!hasAdapter)(
  "three steps on webgpu are those on wasm",
  { timeout: 600_000 },
  async () => {
    const backend = await openBackend();
    const [adapter] = backend.capabilities.description.split(/[ :]/);
    backend.dispose();
    const want = train("--backend", "wasm");
    const got = train("--backend", "webgpu", "--adapter", adapter!);
    expect(got).toHaveLength(3);
    for (const [i, metrics] of got.entries()) {
      expect(Object.keys(metrics)).toEqual(Object.keys(want[i]!));
      for (const [name, value] of Object.entries(metrics)) {
        const other = want[i]![name]!;
        if (name === "step_time") continue;
        if (!rounded.has(name)) expect(value, `${name} of step ${i + 1}`).toBe(other);
        else
          expect(Math.abs(value - other), `${name} of step ${i + 1}`).toBeLessThan(
            1e-3 * Math.abs(other) + 1e-6,
          );
      }
    }
  },
);
