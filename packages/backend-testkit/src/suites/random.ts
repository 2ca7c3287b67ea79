// Random numbers: the same bits on every backend, and distributions that are what they say.

import { describe, expect, test } from "vitest";
import {
  Generator,
  sampleWithLogProbs,
  tensor,
  type Device,
  type SamplingOptions,
} from "@sixtyone/tensor";
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

    test("uniform between bounds; gumbel: mean, deviation, and close to the oracle", async () => {
      const range = await both((generator) => generator.uniform([500], -3, 5).data());
      expect(Math.min(...range.got)).toBeGreaterThanOrEqual(-3);
      expect(Math.max(...range.got)).toBeLessThan(5);
      const { got, want } = await both((generator) => generator.gumbel([8000]).data());
      const mean = got.reduce((a, b) => a + b) / got.length;
      const variance = got.reduce((a, b) => a + (b - mean) ** 2, 0) / got.length;
      const euler = 0.5772156649015329;
      // Four standard errors; the kurtosis of Gumbel's distribution is 5.4.
      expect(Math.abs(mean - euler)).toBeLessThan((4 * Math.PI) / Math.sqrt(6 * got.length));
      expect(Math.abs(variance - Math.PI ** 2 / 6)).toBeLessThan(
        ((4 * Math.PI ** 2) / 6) * Math.sqrt(4.4 / got.length),
      );
      expect(got.every(Number.isFinite)).toBe(true);
      // 1 − u = e^−e, e = e^−x, is known to half a step of f32's grid, which the oracle does not have.
      got.forEach((x, i) => {
        const e = Math.exp(-want[i]!);
        expect(Math.abs(x - want[i]!)).toBeLessThan(1e-5 + (2 ** -24 * Math.exp(e)) / e);
      });
    });

    test("categorical: the frequencies of softmax(logits), row by row; what is impossible never comes", async () => {
      const rows = [
        [0, 1, 2, -1],
        [3, -Infinity, 3, 0.5],
        [-Infinity, -Infinity, 7, -Infinity],
      ];
      const draws = 4000;
      const { got, want } = await both((generator) => {
        const logits = tensor(generator.device, rows).unsqueeze(0).expand([draws, 3, 4]);
        return generator.categorical(logits).data();
      });
      // A tie within the last bit may fall either way.
      expect(got.filter((x, i) => x !== want[i]).length).toBeLessThan(0.001 * got.length);
      for (const [r, row] of rows.entries()) {
        const total = row.reduce((sum, x) => sum + Math.exp(x), 0);
        for (const [k, logit] of row.entries()) {
          const p = Math.exp(logit) / total;
          const count = got.filter((x, i) => i % 3 === r && x === k).length;
          expect(Math.abs(count / draws - p), `row ${r}, class ${k}`).toBeLessThanOrEqual(
            4 * Math.sqrt((p * (1 - p)) / draws),
          );
        }
      }
    });

    const filters: readonly SamplingOptions[] = [
      {},
      { temperature: 0.5 },
      { topK: 4 },
      { topP: 0.8 },
      { minP: 0.15 },
      { temperature: 1.5, topK: 9, topP: 0.9, minP: 0.1 },
    ];
    test.each(filters)("sample %o: what is kept comes as often as it should", async (options) => {
      const { device, seed } = context;
      using _scope = device.scope();
      const row = Array.from({ length: 13 }, (_, i) => 2.5 * Math.sin(7.3 * i));
      const expected = keptProbabilities(row, options);
      const draws = 4000;
      const logits = tensor(device, row).unsqueeze(0).expand([draws, row.length]);
      const { tokens, logProbs } = sampleWithLogProbs(logits, new Generator(device, seed), options);
      const [drawn, logs] = [await tokens.data(), await logProbs.data()];
      for (const [token, p] of expected.entries()) {
        const count = drawn.filter((x) => x === token).length;
        const most = 4 * Math.sqrt((p * (1 - p)) / draws);
        expect(Math.abs(count / draws - p), `token ${token}`).toBeLessThanOrEqual(most);
      }
      drawn.forEach((token, i) => expect(logs[i]).toBeCloseTo(Math.log(expected[token]!), 5));
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

/** The distribution that is drawn from, in plain JavaScript; no two logits are equal. */
function keptProbabilities(
  row: readonly number[],
  { temperature = 1, topK = Infinity, topP = 1, minP = 0 }: SamplingOptions,
): number[] {
  let kept = row
    .map((logit, token) => ({ token, p: Math.exp(logit / temperature) }))
    .sort((a, b) => b.p - a.p)
    .slice(0, topK);
  const total = (): number => kept.reduce((sum, { p }) => sum + p, 0);
  const whole = total();
  let before = 0;
  kept = kept.filter(({ p }) => {
    const isIn = before < topP * whole;
    before += p;
    return isIn;
  });
  kept = kept.filter(({ p }) => p >= minP * kept[0]!.p);
  const rest = total();
  const probabilities = row.map(() => 0);
  for (const { token, p } of kept) probabilities[token] = p / rest;
  return probabilities;
}
