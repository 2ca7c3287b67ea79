// Values that must come out whatever the dtype: half-precision means and norms, exact integers, masks.

import { afterAll, expect, test } from "vitest";
import { reference } from "../src/backend/index.ts";
import {
  attention,
  createDevice,
  dropout,
  einsum,
  DTypeError,
  arange,
  ArgumentError,
  floorDivide,
  full,
  Generator,
  norm,
  remainder,
  saveSafetensors,
  scatter,
  tensor,
  type DType,
  type Tensor,
} from "../src/index.ts";

const device = createDevice(reference());
afterAll(() => device.dispose());

const list = async (x: Tensor): Promise<number[]> => [...(await x.data())];
const of = (values: number[] | boolean[], dtype: DType) => tensor(device, values, { dtype });
const ids = (...values: number[]) => tensor(device, Int32Array.from(values));

test("the mean and the norm of half-precision numbers do not overflow on the way", async () => {
  for (const dtype of ["f16", "bf16"] as const) {
    const ones = full(device, [100_000], 1, dtype).eval();
    expect([ones.mean().dtype, await ones.mean().item()]).toEqual([dtype, 1]);
    const big = of([300, 400], dtype);
    expect([norm(big).dtype, await norm(big).item()]).toEqual([dtype, 500]);
  }
  expect(await full(device, [100_000], 1, "f16").mean(0, { keepDim: true }).data()).toEqual(
    Float32Array.of(1),
  );
});

test("the norm of integers is an f32", async () => {
  const x = of([30_000, -40_000], "i32");
  for (const [p, expected] of [
    [2, 50_000],
    [1, 70_000],
    [Infinity, 40_000],
  ] as const) {
    expect([norm(x, undefined, { p }).dtype, await norm(x, undefined, { p }).item()]).toEqual([
      "f32",
      expected,
    ]);
  }
});

test("dropout with p = 1 gives 0 and a gradient of 0", async () => {
  const x = of([1, -2, 3], "f32").requiresGrad_();
  dropout(x, 1, new Generator(device, 1)).sum().backward();
  expect(await list(dropout(x, 1, new Generator(device, 1)))).toEqual([0, -0, 0]);
  expect(await list(x.grad!)).toEqual([0, 0, 0]);
});

test("einsum says which size of an ellipsis does not fit", () => {
  expect(() => einsum("...i,...i->...", device.zeros([2, 4]), device.zeros([3, 4]))).toThrow(
    "einsum: axis -1 of ... is 2 and 3. Sizes must agree, or one of them must be 1.",
  );
  expect(() => einsum("...i,i->...ij", device.zeros([2, 4]), device.zeros([4]))).toThrow(
    "must use each letter of the operands at most once",
  );
});

test("scatter keeps integers exact, bool bool, and refuses another dtype", async () => {
  const into = (dtype: DType, values: number[], ...index: number[]) =>
    scatter(device.zeros([3], dtype), 0, ids(...index), of(values, dtype));
  expect(await list(into("i32", [123_456_789, -7], 1, 0))).toEqual([-7, 123_456_789, 0]);
  expect(await list(into("u32", [4_294_967_295], 2))).toEqual([0, 0, 4_294_967_295]);
  expect(await list(into("i32", [-3, -4, 9], 0, 0, 1))).toEqual([-4, 9, 0]);
  const flags = into("bool", [1, 1, 0, 1], 0, 1, 1, 2);
  expect([flags.dtype, await list(flags)]).toEqual(["bool", [1, 0, 1]]);
  const half = into("f16", [1.5, 2.5], 1, 1);
  expect([half.dtype, await list(half)]).toEqual(["f16", [0, 2, 0]]);
  expect(() => scatter(device.zeros([3], "i32"), 0, ids(0), of([1.5], "f32"))).toThrow(DTypeError);
});

test("a bool mask chooses what attention sees", async () => {
  const q = tensor(device, [
    [
      [
        [1, 0],
        [0, 1],
      ],
    ],
  ]);
  const v = tensor(device, [
    [
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ]);
  const seen = tensor(device, [
    [true, false],
    [false, false],
  ]);
  expect(await list(attention(q, q, v, { mask: seen }))).toEqual([1, 2, 0, 0]);
  const added = tensor(device, [
    [0, -Infinity],
    [-Infinity, -Infinity],
  ]);
  expect(await list(attention(q, q, v, { mask: added }))).toEqual([1, 2, 0, 0]);
});

test("a = b · floorDivide(a, b) + remainder(a, b), with torch's quotients", async () => {
  const a = of([1, -1, 1, 5.5, -5.5, Infinity, 1, 0, -1], "f32");
  const b = of([0.1, 0.1, -0.1, 2, 2, 2, Infinity, 0, Infinity], "f32");
  // torch 2.13: torch.floor_divide
  expect(await list(floorDivide(a, b))).toEqual([9, -10, -10, 2, -3, NaN, 0, NaN, -1]);
  expect(await list(floorDivide(of([1, -1, 0], "f32"), 0))).toEqual([Infinity, -Infinity, NaN]);
  const [x, y] = [of([7.3, -7.3, 1e6], "f32"), of([0.7, 0.7, 0.3], "f32")];
  const back = await list(floorDivide(x, y).mul(y).add(remainder(x, y)));
  const original = await list(x);
  back.forEach((value, i) => expect(Math.abs(value / original[i]! - 1)).toBeLessThan(1e-6));
});

test("f16 and bf16 are rounded whether or not the value was read before", async () => {
  expect(await tensor(device, [1.00390625]).cast("bf16").cast("f32").item()).toBe(1);
  // torch 2.13: torch.tensor([2049, 1e-7, 65520]).half().float()
  const half = tensor(device, [2049, 1e-7, 65520]).cast("f16").cast("f32");
  expect(await list(half)).toEqual([2048, 1.1920928955078125e-7, Infinity]);
  expect(await full(device, [1], 2049, "f16").cast("f32").item()).toBe(2048);
  expect(await full(device, [1], 1.00390625, "bf16").cast("f32").item()).toBe(1);
  // 2048 + 1 is 2048 in f16, and stays it however often one is added.
  const sum = full(device, [1], 2048, "f16").add(1).add(1).add(1);
  expect(await sum.cast("f32").item()).toBe(2048);
});

test("arange with a fraction is an f32", async () => {
  const x = arange(device, 0, 1, 0.25);
  expect([x.dtype, await list(x)]).toEqual(["f32", [0, 0.25, 0.5, 0.75]]);
  expect(arange(device, 0, 3).dtype).toBe("i32");
});

test("tensor refuses what is no number", () => {
  for (const wrong of ["a", ["a"], [1, null], undefined, null, [1n], [[1], [{}]]]) {
    expect(() => tensor(device, wrong as number[])).toThrow(ArgumentError);
  }
  expect(() => tensor(device, ["a"] as never)).toThrow("tensor: expected numbers, got a.");
});

test("metadata that no reader takes is not written", async () => {
  await expect(saveSafetensors({}, { n: 5 } as never)).rejects.toThrow(ArgumentError);
});
