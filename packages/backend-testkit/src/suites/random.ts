// Random numbers: the same bits on every backend, and distributions that are what they say.

import { describe, expect, test } from "vitest";
import { Generator, type Device } from "@sixtyone/tensor";
import { openDevices, type ConformanceOptions } from "./context.ts";

export function randomSuite(options: ConformanceOptions): void {
  describe("random", () => {
    const context = openDevices(options);
    const both = async (draw: (generator: Generator) => Promise<ArrayLike<number>>) => {
      const once = async (device: Device) => {
        using _scope = device.scope();
        return Array.from(await draw(new Generator(device, context.seed)));
      };
      return { got: await once(context.device), want: await once(context.oracle) };
    };

    test("bits, odd counts and what follows them", async () => {
      const { got, want } = await both(async (generator) => {
        const [first, second] = [generator.bits([3, 5]), generator.bits([7])];
        return [...(await first.data()), ...(await second.data())];
      });
      expect(got).toEqual(want);
    });

    test("uniform: equal bit for bit, in [0, 1)", async () => {
      const { got, want } = await both((generator) => generator.uniform([1000]).data());
      expect(got).toEqual(want);
      expect(Math.min(...got)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...got)).toBeLessThan(1);
    });

    test("normal: mean, deviation, and close to the oracle", async () => {
      const { got, want } = await both((generator) => generator.normal([4000]).data());
      const mean = got.reduce((a, b) => a + b) / got.length;
      const variance = got.reduce((a, b) => a + (b - mean) ** 2, 0) / got.length;
      // Four standard errors.
      expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(got.length));
      expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / got.length));
      got.forEach((x, i) => expect(Math.abs(x - want[i]!)).toBeLessThan(1e-5));
    });

    test("bernoulli, permutation: equal", async () => {
      const coins = await both((generator) => generator.bernoulli([500], 0.3).data());
      expect(coins.got).toEqual(coins.want);
      const order = await both((generator) => generator.permutation(129).data());
      expect(order.got).toEqual(order.want);
      expect([...order.got].sort((a, b) => a - b)).toEqual(
        Array.from({ length: 129 }, (_, i) => i),
      );
    });

    test("a generator restored from its state goes on where it was", async () => {
      const { device } = context;
      using _scope = device.scope();
      const generator = new Generator(device, context.seed);
      generator.bits([5]);
      const copy = Generator.restore(device, JSON.parse(JSON.stringify(generator.state())));
      expect(await generator.bits([9]).data()).toEqual(await copy.bits([9]).data());
    });
  });
}
