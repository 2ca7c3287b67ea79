// Selection by value: results whose shape depends on what is inside, held against plain JavaScript.

import { describe, expect, test } from "vitest";
import { Generator, maskedSelect, nonzero, tensor, unique, zeros } from "@sixtyone/tensor";
import { openDevices, type ConformanceOptions } from "./context.ts";

export function selectionSuite(options: ConformanceOptions): void {
  describe("selection by value", () => {
    const context = openDevices(options);
    const draw = (shape: number[], values: number) =>
      new Generator(context.device, context.seed).uniform(shape, 0, values).floor().cast("i32");

    test.each([[[7]], [[3, 5]], [[2, 3, 4]], [[0, 3]], [[300]]])(
      "nonzero, unique of %j",
      async (shape) => {
        const { device } = context;
        using _scope = device.scope();
        const x = draw(shape, 3);
        const flat = Array.from(await x.data());
        const coordinates = await nonzero(x);
        const expected = flat.flatMap((value, i) => (value === 0 ? [] : coordinatesOf(i, shape)));
        expect(coordinates.shape).toEqual([expected.length / shape.length, shape.length]);
        expect(Array.from(await coordinates.data())).toEqual(expected);
        const { values, counts, inverse } = await unique(x);
        const distinct = [...new Set(flat)].sort((a, b) => a - b);
        expect(Array.from(await values.data())).toEqual(distinct);
        expect(Array.from(await counts.data())).toEqual(
          distinct.map((v) => flat.filter((w) => w === v).length),
        );
        expect(inverse.shape).toEqual(shape);
        expect(Array.from(await inverse.data())).toEqual(flat.map((v) => distinct.indexOf(v)));
      },
    );

    test("NaN is not zero, and every NaN is a value of its own", async () => {
      const { device } = context;
      using _scope = device.scope();
      const x = tensor(device, [NaN, 0, -0, 2, NaN]);
      expect(Array.from(await (await nonzero(x)).data())).toEqual([0, 3, 4]);
      expect(Array.from(await (await unique(x)).counts.data())).toEqual([2, 1, 1, 1]);
    });

    test("maskedSelect: values in order, gradient where they came from, nothing selected", async () => {
      const { device } = context;
      using _scope = device.scope();
      const x = tensor(device, [
        [1, 2, 3],
        [4, 5, 6],
      ]).requiresGrad_();
      const chosen = await maskedSelect(x, x.detach().gt(2).logicalAnd(x.detach().ne(5)));
      expect(Array.from(await chosen.data())).toEqual([3, 4, 6]);
      chosen.square().sum().backward();
      expect(Array.from(await x.grad!.data())).toEqual([0, 0, 6, 8, 0, 12]);
      expect((await maskedSelect(x, zeros(device, [2, 3]))).shape).toEqual([0]);
      await expect(maskedSelect(x, zeros(device, [3]))).rejects.toThrow(
        /mask of x's shape \[2, 3\], got \[3\]/,
      );
    });

    test("nothing is left behind", async () => {
      const { device } = context;
      const x = draw([40], 4).eval();
      const before = device.memory().liveBytes;
      (await nonzero(x)).dispose();
      for (const part of Object.values(await unique(x))) (part as { dispose(): void }).dispose();
      {
        using _scope = device.scope();
        await maskedSelect(x, x);
      }
      expect(device.memory().liveBytes).toBe(before);
      x.dispose();
    });
  });
}

function coordinatesOf(position: number, shape: readonly number[]): number[] {
  const coordinates: number[] = [];
  for (let axis = shape.length - 1, rest = position; axis >= 0; axis--) {
    coordinates.unshift(rest % shape[axis]!);
    rest = Math.floor(rest / shape[axis]!);
  }
  return coordinates;
}
