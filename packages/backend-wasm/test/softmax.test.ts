// softmax against double precision where float rows are hardest: terms that vanish beside the largest, hidden
// ones at −Infinity, a NaN, and lengths that leave a rest. On the optimised binaries of both builds.

import { describe, expect, test } from "vitest";
import { backendOf, builds, randomSource, runOn } from "./compare.ts";

function exact(row: readonly number[]): number[] {
  const top = Math.max(...row);
  const powers = row.map((x) => Math.exp(x - top));
  const sum = powers.reduce((total, x) => total + x, 0);
  return powers.map((x) => x / sum);
}

describe.each(builds)("%s build", (build) => {
  test("every term within 4 ulp of the row's largest; what is hidden is 0", async () => {
    const backend = await backendOf(build);
    const random = randomSource(5);
    for (const columns of [1, 2, 7, 8, 9, 23, 64, 257]) {
      for (const range of [1, 20, 87, 400, 1e9]) {
        const rows = Array.from({ length: 6 }, () =>
          Array.from({ length: columns }, () =>
            random() < 0.2 ? -Infinity : Math.fround((random() * 2 - 1) * range),
          ),
        );
        for (const row of rows) row[Math.floor(random() * columns)] = Math.fround(range / 2);
        const shape = [rows.length, columns];
        const launch = { kernel: "softmax", params: {} };
        const inputs = [{ dtype: "f32", shape, data: rows.flat() }] as const;
        const [actual] = runOn(backend, launch, inputs, [{ dtype: "f32", shape }]) as [number[]];
        rows.forEach((row, r) => {
          const expected = exact(row);
          const largest = Math.max(...expected);
          expected.forEach((y, i) => {
            const found = actual[r * columns + i]!;
            if (row[i] === -Infinity) expect(found).toBe(0);
            expect(Math.abs(found - y)).toBeLessThanOrEqual(4 * 2 ** -23 * largest);
          });
        });
      }
    }
    backend.dispose();
  });

  test("a NaN makes its row NaN and no other", async () => {
    const backend = await backendOf(build);
    for (const columns of [5, 16, 37]) {
      for (let at = 0; at < columns; at++) {
        const data = Array.from({ length: 3 * columns }, (_, i) =>
          i === columns + at ? NaN : i % 7,
        );
        const shape = [3, columns];
        const launch = { kernel: "softmax", params: {} };
        const inputs = [{ dtype: "f32", shape, data }] as const;
        const [actual] = runOn(backend, launch, inputs, [{ dtype: "f32", shape }]) as [number[]];
        const isNaNs = actual.map((y) => Number.isNaN(y));
        expect(isNaNs).toEqual(data.map((_, i) => Math.floor(i / columns) === 1));
      }
    }
    backend.dispose();
  });
});
