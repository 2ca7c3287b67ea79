// Everything again with V8's revectorisation on. The flag is one of the process, so this file must have a
// process of its own, which vitest gives it. Products are checked at the sizes that use 256-bit tiles.

import { runConformance } from "@sixtyone/backend-testkit";
import { expect, test } from "vitest";
import { wasm } from "../src/index.ts";
import { difference, randomSource, type View } from "./compare.ts";

const create = () => wasm({ revectorize: true });

runConformance({ name: "wasm (revectorized)", create });

test("products with wide tiles and their edges", async () => {
  const backend = await create();
  const random = randomSource(4);
  for (const [m, k, n] of [
    [48, 48, 48],
    [97, 500, 121],
    [66, 130, 64],
    [150, 64, 55],
  ] as const) {
    for (const [isA, isB] of [
      [false, false],
      [true, false],
      [false, true],
    ]) {
      const operand = (rows: number, columns: number, isTransposed: boolean | undefined): View => ({
        dtype: "f32",
        shape: [rows, columns],
        strides: isTransposed ? [1, rows] : [columns, 1],
        data: Array.from({ length: rows * columns }, () => random() * 2 - 1),
      });
      const inputs = [operand(m, k, isA), operand(k, n, isB)];
      const error = difference(backend, { kernel: "matmul", params: {} }, inputs, [
        { dtype: "f32", shape: [m, n] },
      ]);
      expect(error).toBeLessThan(2e-5 * Math.sqrt(k));
    }
  }
  backend.dispose();
});
