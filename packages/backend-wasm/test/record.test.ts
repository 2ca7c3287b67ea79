// Plans: a recorded list of launches, replayed on new contents of the same buffers, gives what running
// the launches gives, also where group sizes and indices are read anew each time.

import { leafExpr, opExpr, toProgram, type Binding, type Launch } from "@sixtyone/tensor/backend";
import { expect, test } from "vitest";
import { wasm } from "../src/index.ts";
import { bind, decode, randomSource, type View } from "./compare.ts";

test("replay gives what running gives, with new contents each time", async () => {
  const backend = await wasm({ threads: 2 });
  const random = randomSource(9);
  const floats = (n: number): number[] => Array.from({ length: n }, () => random() * 2 - 1);
  const make = (shape: number[], data?: number[]): Binding =>
    bind(backend, { dtype: "f32", shape, ...(data && { data }) } as View);
  const hidden = make([64, 48], floats(64 * 48));
  const weights = make([3, 48, 40], floats(3 * 48 * 40));
  const offsets = bind(backend, { dtype: "i32", shape: [4], data: [0, 10, 30, 64] });
  const product = make([64, 40]);
  const doubled = make([64, 40]);
  const x = leafExpr("x", "f32");
  const { program } = toProgram([opExpr("add", x, x)], ["f32"]);
  const sums = make([64]);
  const index = bind(backend, {
    dtype: "i32",
    shape: [5, 40],
    data: Array.from({ length: 200 }, (_, i) => (i * 13) % 64),
  });
  const picked = make([5, 40]);
  const launches = [
    { kernel: "groupedMatmul", params: {}, inputs: [hidden, weights, offsets], outputs: [product] },
    {
      kernel: "map",
      params: { program, scalars: [], shape: [64, 40] },
      inputs: [product],
      outputs: [doubled],
    },
    {
      kernel: "reduce",
      params: { program, scalars: [], shape: [64, 40], reduceRank: 1, op: "sum" },
      inputs: [doubled],
      outputs: [sums],
    },
    { kernel: "gather", params: { axis: 0 }, inputs: [doubled, index], outputs: [picked] },
  ].map((launch) => ({ ...launch, op: launch.kernel })) as unknown as Launch[];
  const read = (view: Binding): number[] =>
    decode("f32", backend.readSync!(view.buffer, 0, view.buffer.byteLength));
  const outputs = (): number[][] => [product, doubled, sums, picked].map(read);

  const usedBefore = backend.memory().usedBytes;
  const plan = backend.record!(launches);
  expect(plan.launchCount).toBe(4);
  for (const bounds of [
    [0, 10, 30, 64],
    [0, 0, 64, 64],
    [0, 1, 2, 64],
  ]) {
    backend.write(offsets.buffer, 0, new Uint8Array(Int32Array.from(bounds).buffer));
    backend.write(hidden.buffer, 0, new Uint8Array(Float32Array.from(floats(64 * 48)).buffer));
    plan.replay();
    const replayed = outputs();
    launches.forEach((launch) => backend.run(launch));
    expect(replayed).toEqual(outputs());
  }
  backend.write(index.buffer, 0, new Uint8Array(Int32Array.of(64).buffer));
  expect(() => plan.replay()).toThrow(/index 64 is outside axis 0 of size 64/);
  backend.write(index.buffer, 0, new Uint8Array(Int32Array.of(63).buffer));
  plan.replay();
  plan.dispose();
  // Compiled programs stay; what the plan held is free again.
  expect(backend.memory().usedBytes - usedBefore).toBeLessThan(4096);
  backend.dispose();
});
