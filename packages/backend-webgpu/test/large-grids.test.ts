// Dispatches of more than 65535 workgroups, which no dimension of a grid can hold.

import { createDevice, embedding, tensor } from "@sixtyone/tensor";
import { describe, expect, it } from "vitest";
import { hasAdapter, openBackend } from "./adapter.ts";

const count = 70_001;

/** Workgroups of one thread that computes one element. */
const tuning = { workgroup: 1, elements: 1 } as const;

describe.skipIf(!hasAdapter)(`${count} workgroups`, () => {
  const values = Float32Array.from({ length: count }, (_, i) => i);

  it("map, gather, reduce", { timeout: 120_000 }, async () => {
    const device = createDevice(await openBackend({ tuning }));
    using scope = device.scope();
    void scope;
    const x = tensor(device, values);
    expect(await x.mul(2).add(1).data()).toEqual(values.map((v) => 2 * v + 1));
    const ids = tensor(
      device,
      Int32Array.from({ length: count }, (_, i) => count - 1 - i),
    );
    expect(await embedding(x.reshape([count, 1]), ids).data()).toEqual(values.toReversed());
    const pairs = tensor(
      device,
      Float32Array.from({ length: 2 * count }, (_, i) => i),
      { shape: [count, 2] },
    );
    expect(await pairs.sum(1).data()).toEqual(values.map((v) => 4 * v + 1));
    device.dispose();
  });

  it("rows of softmax that 128 threads share", { timeout: 120_000 }, async () => {
    const device = createDevice(await openBackend({ tuning: { lanes: 128 } }));
    using scope = device.scope();
    void scope;
    const x = tensor(
      device,
      Float32Array.from({ length: 32 * count }, (_, i) => Math.log(1 + (i % 32))),
      {
        shape: [count, 32],
      },
    );
    const y = (await x.softmax(-1).data()) as Float32Array;
    let worst = 0;
    y.forEach((p, i) => (worst = Math.max(worst, Math.abs(p - (1 + (i % 32)) / 528))));
    expect(worst).toBeLessThan(1e-6);
    device.dispose();
  });

  it("tiles of a product", { timeout: 120_000 }, async () => {
    const device = createDevice(await openBackend({ tuning: { forcedTile: "8x8" } }));
    using scope = device.scope();
    void scope;
    const side = 2100; // 263² tiles of 8 × 8
    const left = tensor(device, values.slice(0, side), { shape: [side, 1] });
    const right = tensor(
      device,
      Float32Array.from({ length: side }, (_, i) => i % 5),
      { shape: [1, side] },
    );
    const c = (await left.matmul(right).data()) as Float32Array;
    let wrong = 0;
    c.forEach((v, i) => (wrong += Number(v !== Math.floor(i / side) * ((i % side) % 5))));
    expect(wrong).toBe(0);
    device.dispose();
  });
});
