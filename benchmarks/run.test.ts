// The runner as it is called: rows in the JSON file, and clear answers to what it cannot do.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

function bench(...args: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--conditions=sixtyone-source", fileURLToPath(new URL("run.ts", import.meta.url)), ...args],
    { encoding: "utf8", timeout: 55_000 },
  );
  return { status, out: stdout, err: stderr };
}

test("a suite prints where it ran and writes rows", () => {
  const folder = mkdtempSync(join(tmpdir(), "sixtyone-bench-"));
  const file = join(folder, "rows.json");
  const { status, out } = bench(
    "gemm",
    "--backend",
    "wasm",
    "--vs",
    "jax-js",
    "--case",
    "A·B 64",
    "--json",
    file,
  );
  const rows = JSON.parse(readFileSync(file, "utf8")) as { [key: string]: unknown }[];
  rmSync(folder, { recursive: true });
  expect(status).toBe(0);
  expect(out).toMatch(/^gemm · .+ × \d+ · Node v\d+.+ · commit [0-9a-f]{7,}/);
  expect(rows.map(({ engine }) => engine)).toEqual(["sixtyone", "@jax-js/jax"]);
  for (const row of rows) {
    expect(row).toMatchObject({ suite: "gemm", case: "A·B 64", threads: 1, unit: "GFLOP/s" });
    expect(row["value"]).toBeCloseTo((2 * 64 ** 3) / (row["medianMs"] as number) / 1e6, 6);
  }
  const [ours, peer] = rows as [
    { medianMs: number; speedup: number },
    { medianMs: number; speedup: number },
  ];
  expect(ours.speedup).toBe(1);
  expect(peer.speedup).toBeCloseTo(peer.medianMs / ours.medianMs, 9);
});

test("the fraction of memory bandwidth is printed", () => {
  const { status, out } = bench("elementwise", "--vs", "", "--case", "rmsNorm");
  expect(status).toBe(0);
  expect(out).toMatch(/copying memory on one thread: [\d.]+ GB\/s/);
  expect(out).toMatch(/rmsNorm 4096×1024 .* GB\/s +\d+ %/);
});

test.each([
  [["knit"], /no suite "knit"\. pnpm bench <gemm\|/],
  [[], /no suite ""/],
  [["gemm", "--backend", "abacus"], /--backend abacus: no such backend/],
  [["gemm", "--vs", "jax-js,abacus"], /--vs abacus: no such peer of wasm/],
  [["gemm", "--threads", "two"], /--threads two: a whole number ≥ 1/],
  [["gemm", "--fast"], /Unknown option '--fast'/],
] as const)("%j is refused with a clear message", (args, message) => {
  const { status, err } = bench(...args);
  expect(err).toMatch(message);
  expect(err).not.toMatch(/\n\s+at /);
  expect(status).toBe(2);
});

test("a peer that this machine lacks is left out, and said so", () => {
  const { status, out } = bench(
    "gemm",
    "--vs",
    "pytorch",
    "--python",
    "no-such-python",
    "--case",
    "A·B 64",
  );
  expect(out).toMatch(/SKIPPED pytorch: no-such-python has no torch/);
  expect(status).toBe(0);
});
