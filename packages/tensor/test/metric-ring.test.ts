// Metrics are handed over late, in order, and no more steps than allowed are under way.

import { describe, expect, test } from "vitest";
import { createDevice, MetricRing, tensor } from "../src/index.ts";
import { reference } from "../src/backend/index.ts";

/** A device whose reads end when they are told to. */
function slowDevice() {
  const { read, readSync: _, ...backend } = reference();
  const waiting: (() => void)[] = [];
  const device = createDevice({
    ...backend,
    async read(...args) {
      const bytes = await read(...args);
      await new Promise<void>((resolve) => waiting.push(resolve));
      return bytes;
    },
  });
  return { device, waiting };
}

describe("MetricRing", () => {
  test("gives the numbers of the step before, and the rest at the end", async () => {
    const device = createDevice(reference());
    const ring = new MetricRing<"loss" | "norm">();
    const seen: unknown[] = [];
    for (let i = 0; i < 4; i++) {
      using _scope = device.scope();
      const loss = tensor(device, [i]).mul(10);
      seen.push(await ring.push({ loss, norm: tensor(device, Int32Array.of(i)) }));
    }
    const past = (step: number) => ({ step, values: { loss: 10 * step, norm: step } });
    expect(seen).toEqual([undefined, past(0), past(1), past(2)]);
    expect(await ring.drain()).toEqual([past(3)]);
    expect(await ring.drain()).toEqual([]);
    expect(device.memory().storageCount).toBe(0);
  });

  test.each([1, 2, 3])("lets %i steps be under way", async (inFlight) => {
    const { device, waiting } = slowDevice();
    const ring = new MetricRing({ inFlight });
    let started = 0;
    const loop = (async () => {
      for (; started < 6;) {
        using _scope = device.scope();
        const loss = tensor(device, [started++]).add(1);
        await ring.push({ loss });
      }
      return ring.drain();
    })();
    const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
    await settle();
    // The host has begun as many as may be under way, and waits for the oldest.
    expect([started, waiting.length]).toEqual([inFlight, inFlight]);
    waiting.shift()!();
    await settle();
    expect(started).toBe(inFlight + 1);
    while (waiting.length > 0 || started < 6) {
      waiting.shift()?.();
      await settle();
    }
    const rest = await loop;
    expect(rest.map(({ step }) => step)).toEqual(
      Array.from({ length: inFlight - 1 }, (_, i) => 7 - inFlight + i),
    );
  });

  test("an error comes with the step it belongs to, and is no unhandled rejection", async () => {
    const { read: _, ...backend } = reference();
    let count = 0;
    const device = createDevice({
      ...backend,
      read: async () => {
        if (count++ === 0) throw new Error("lost");
        return new Uint8Array(4);
      },
    });
    const ring = new MetricRing();
    await ring.push({ loss: tensor(device, [1]) });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(ring.push({ loss: tensor(device, [2]) })).rejects.toThrow("lost");
    expect(await ring.drain()).toEqual([{ step: 1, values: { loss: 0 } }]);
  });

  test("says what is wrong with its arguments", async () => {
    const device = createDevice(reference());
    expect(() => new MetricRing({ inFlight: 0 })).toThrow(/inFlight must be 1 or more, got 0/);
    const ring = new MetricRing({ inFlight: 1 });
    await expect(ring.push({ loss: tensor(device, [1, 2]) })).rejects.toThrow(
      /loss must have one element, got 2/,
    );
    expect(await ring.push({})).toEqual({ step: 1, values: {} });
  });
});
