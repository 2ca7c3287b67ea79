// The speed table runs, and its numbers are numbers. How fast is not a test's business.

import { expect, test } from "vitest";
import { reference } from "@sixtyone/tensor/backend";
import { formatPerf, measurePerf } from "../src/index.ts";

test("every row is measured", async () => {
  const rows = await measurePerf({
    name: "reference",
    create: () => Promise.resolve(reference()),
    shrink: 200,
    timeMs: 2,
  });
  expect(rows.length).toBeGreaterThan(12);
  for (const { name, medianMs } of rows) expect(medianMs, name).toBeGreaterThan(0);
  const lines = formatPerf("reference", rows).split("\n");
  expect(lines).toHaveLength(rows.length + 1);
  expect(new Set(lines.map((line) => line.length)).size).toBe(1);
});
