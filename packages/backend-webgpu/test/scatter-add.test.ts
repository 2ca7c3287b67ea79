// scatterAdd over sorted indices gives the bits that walking them gives: many duplicates, a large table, indices
// outside it, strided indices, halves, a base that is not zero.

import { createDevice, scatterAdd, tensor, type Device, type DType } from "@sixtyone/tensor";
import { describe, expect, it, vi } from "vitest";
import { hasAdapter, openBackend } from "./adapter.ts";

vi.setConfig({ testTimeout: 120_000 });

interface Shape {
  /** Places, indices, numbers to a place. */
  readonly table: number;
  readonly count: number;
  readonly width: number;
  readonly dtype?: DType;
  readonly axis?: 0 | 1;
  readonly indexOf: (i: number) => number;
}

const hash = (i: number): number => Math.imul(i + 1, 2654435761) >>> 8;

const shapes: { readonly [name: string]: Shape } = {
  "tokens of a large vocabulary": {
    table: 32_000,
    count: 4096,
    width: 64,
    indexOf: (i) => hash(i) % 32_000,
  },
  "few places, many duplicates": { table: 50, count: 3000, width: 5, indexOf: (i) => hash(i) % 7 },
  "one place": { table: 3, count: 1025, width: 3, indexOf: () => 2 },
  "indices outside": { table: 20, count: 700, width: 4, indexOf: (i) => (hash(i) % 40) - 10 },
  "along the last axis": { table: 20, count: 700, width: 9, axis: 1, indexOf: (i) => hash(i) % 9 },
  bf16: { table: 40, count: 600, width: 3, dtype: "bf16", indexOf: (i) => hash(i) % 5 },
  i32: { table: 40, count: 600, width: 3, dtype: "i32", indexOf: (i) => hash(i) % 5 },
};

/** The index is one list, read with a stride and the same for all lines. */
async function run(
  device: Device,
  { table, count, width, axis = 0, dtype = "f32", indexOf }: Shape,
): Promise<ArrayLike<number>> {
  using scope = device.scope();
  void scope;
  const both = Int32Array.from({ length: 2 * count }, (_, i) => (i % 2 ? -1 : indexOf(i / 2)));
  const list = tensor(device, both, { shape: [count, 2] }).slice([null, [0, 1]]);
  const flip = ([a, b]: [number, number]): number[] => (axis === 0 ? [a, b] : [b, a]);
  const index = (axis === 0 ? list : list.transpose()).expand(flip([count, width]));
  const numbers = (length: number, seed: number): Float32Array =>
    Float32Array.from({ length }, (_, i) => (hash(i + seed) % 2001) / 100 - 10);
  const source = tensor(device, numbers(count * width, 1), { shape: flip([count, width]) });
  const base = tensor(device, numbers(table * width, 2), { shape: flip([table, width]) });
  const sum = scatterAdd(base.cast(dtype), axis, index, source.cast(dtype));
  return (await sum.cast("f32").data()) as Float32Array;
}

describe.skipIf(!hasAdapter)("scatterAdd", () => {
  it.for(Object.entries(shapes))("%s: sorted as walked", async ([, shape]) => {
    const results: ArrayLike<number>[] = [];
    for (const sortedScatter of [Infinity, 1]) {
      const backend = await openBackend({ tuning: { sortedScatter } });
      const compiled = vi.spyOn(backend.device, "createComputePipeline");
      const device = createDevice(backend);
      results.push(await run(device, shape));
      const sorts = compiled.mock.calls.some(([{ label }]) => label!.includes("scatterAdd runs"));
      expect(sorts).toBe(sortedScatter === 1);
      device.dispose();
    }
    expect(results[1]).toEqual(results[0]);
  });
});
