// Weights in 8 and 4 bits: what comes back out, products with them, and the gradient of the other operand.

import { describe, expect, test } from "vitest";
import {
  Generator,
  linear,
  quantize,
  quantizedFromBytes,
  type Device,
  type QuantFormat,
} from "@sixtyone/tensor";
import { openDevices, type ConformanceOptions } from "./context.ts";

const cases: readonly [QuantFormat, shape: [number, number], block?: [number, number]][] = [
  ["int8", [5, 40]],
  ["int8", [9, 256], [4, 64]],
  ["int4", [7, 33]],
  ["int4", [16, 64], [2, 8]],
  ["fp8-e4m3", [6, 50]],
  ["fp8-e4m3", [130, 260]],
];

export function quantizedSuite(options: ConformanceOptions): void {
  describe("quantised weights", () => {
    const context = openDevices(options);

    test.each(cases)("%s %j, blocks %j", async (format, [rows, columns], block) => {
      const results = async (device: Device) => {
        using _scope = device.scope();
        const generator = new Generator(device, context.seed);
        const original = generator.uniform([rows, columns], -1, 1);
        using weight = await quantize(original, { format, ...(block && { block }) });
        const restored = weight.dequantize();
        const x = generator.uniform([3, columns], -1, 1).detach().requiresGrad_();
        const y = linear(x, weight);
        y.square().sum().backward();
        const lists = [original, restored, y, x.grad!].map(async (t) => Array.from(await t.data()));
        const [from, back, product, slope] = await Promise.all(lists);
        return { from: from!, back: back!, product: product!, slope: slope! };
      };
      const [got, want] = [await results(context.device), await results(context.oracle)];
      // A step of the grid at the block's largest magnitude (below 1) is the most that may be lost.
      const step = { int8: 1 / 127, int4: 1 / 7, "fp8-e4m3": 1 / 14 }[format];
      got.back.forEach((value, i) =>
        expect(Math.abs(value - got.from[i]!)).toBeLessThanOrEqual(step / 2 + 1e-6),
      );
      expectClose(got.back, want.back, 1e-6);
      expectClose(got.product, want.product, 1e-5 * columns ** 0.5);
      expectClose(got.slope, want.slope, 1e-4 * columns ** 0.5);
    });

    test("every code of fp8-e4m3 and of int8", async () => {
      const { device } = context;
      using _scope = device.scope();
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
      const layout = { shape: [2, 128], block: [1, 128] } as const;
      using fp8 = quantizedFromBytes(device, { format: "fp8-e4m3", ...layout }, bytes, [1, 2]);
      const decoded = Array.from(await fp8.dequantize().data());
      bytes.forEach((code, i) =>
        expect(decoded[i], `code ${code}`).toBe(e4m3(code) * (i < 128 ? 1 : 2)),
      );
      using int8 = quantizedFromBytes(device, { format: "int8", ...layout }, bytes, [1, 2]);
      const whole = Array.from(await int8.dequantize().data());
      expect(whole).toEqual([...new Int8Array(bytes.buffer)].map((x, i) => x * (i < 128 ? 1 : 2)));
    });
  });
}

/** By the format's definition: sign, exponent with bias 7, three bits of mantissa. */
function e4m3(code: number): number {
  const [sign, exponent, mantissa] = [code & 128 ? -1 : 1, (code >> 3) & 15, code & 7];
  if (exponent === 15 && mantissa === 7) return NaN;
  return (
    sign * (exponent === 0 ? mantissa / 8 : 1 + mantissa / 8) * 2 ** (Math.max(1, exponent) - 7)
  );
}

function expectClose(got: readonly number[], want: readonly number[], tolerance: number): void {
  expect(got.length).toBe(want.length);
  got.forEach((x, i) =>
    expect(Math.abs(x - want[i]!)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(want[i]!))),
  );
}
