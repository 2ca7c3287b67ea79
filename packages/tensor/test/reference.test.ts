// The oracle itself, against numbers worked out by hand: what it gets wrong, every other backend would be
// held to.

import { expect, test } from "vitest";
import {
  createDevice,
  floorDivide,
  prod,
  remainder,
  scatterAdd,
  sort,
  tensor,
  type Device,
  type Tensor,
} from "../src/index.ts";
import {
  leafExpr,
  reference,
  toProgram,
  type Backend,
  type Binding,
  type DType,
  type Launch,
  type ReduceOp,
} from "../src/backend/index.ts";

const device: Device = createDevice(reference());
const i32 = (...values: number[]): Tensor => tensor(device, Int32Array.from(values));
const u32 = (...values: number[]): Tensor => tensor(device, Uint32Array.from(values));
const list = (x: Tensor): number[] => [...x.dataSync()];

test("integers wrap at 32 bits", () => {
  expect(list(i32(2147483647).add(1))).toEqual([-2147483648]);
  expect(list(i32(65536, -3).mul(i32(65536, 5)))).toEqual([0, -15]);
  expect(list(u32(0).sub(u32(1)))).toEqual([4294967295]);
  expect(list(prod(i32(100000, 100000, 3)))).toEqual([Number(BigInt.asIntN(32, 30000000000n))]);
  expect(list(u32(4000000000, 4000000000).sum())).toEqual([3705032704]);
  expect(list(i32(-2147483648).abs())).toEqual([-2147483648]);
});

test("integer division and remainder", () => {
  expect(list(floorDivide(i32(7, -7, 7, -7, 5), i32(2, 2, -2, -2, 0)))).toEqual([3, -4, -4, 3, 0]);
  expect(list(remainder(i32(7, -7, 7, -7, 5), i32(3, 3, -3, -3, 0)))).toEqual([1, 2, -2, -1, 0]);
});

test("casts truncate and saturate", () => {
  const x = tensor(device, [1.9, -1.9, 3e9, -3e9, NaN, 5e9]);
  expect(list(x.cast("i32"))).toEqual([1, -1, 2147483647, -2147483648, 0, 2147483647]);
  expect(list(x.cast("u32"))).toEqual([1, 0, 3000000000, 0, 0, 4294967295]);
  expect(list(x.cast("bool"))).toEqual([1, 1, 1, 1, 1, 1]);
});

test("NaN is the largest and the smallest, and sorts last", () => {
  const x = tensor(device, [2, NaN, -1, NaN]);
  expect([list(x.argmax()), list(x.argmin())]).toEqual([[1], [1]]);
  expect([list(x.max()), list(x.min())]).toEqual([[NaN], [NaN]]);
  expect(list(sort(x).indices)).toEqual([2, 0, 1, 3]);
  expect(list(sort(x, -1, { descending: true }).indices)).toEqual([1, 3, 0, 2]);
});

test("scatterAdd adds in row-major order of the index", () => {
  // In f32, 1e8 + 1 + … + 1 loses every 1; the order 1 + … + 1 + 1e8 keeps them.
  const place = tensor(
    device,
    Int32Array.from({ length: 9 }, () => 0),
  );
  const rising = tensor(device, [1, 1, 1, 1, 1, 1, 1, 1, 1e8]);
  expect(list(scatterAdd(tensor(device, [0]), 0, place, rising))).toEqual([100000008]);
  expect(list(scatterAdd(tensor(device, [0]), 0, place, rising.flip(0)))).toEqual([1e8]);
});

/** Runs one launch that reads nothing and writes one element. */
function emptyReduction(backend: Backend, op: ReduceOp, dtype: DType): Uint8Array {
  const { program } = toProgram([leafExpr(0, dtype)], [dtype]);
  const bind = (shape: number[]): Binding => ({
    buffer: backend.alloc(4),
    dtype,
    shape,
    strides: shape.map(() => 1),
    offset: 0,
  });
  const outputs = [bind([])];
  const params = { program, scalars: [], shape: [0], reduceRank: 1, op };
  const launch: Launch = { kernel: "reduce", op, params, inputs: [bind([0])], outputs };
  backend.run(launch);
  return backend.readSync!(outputs[0]!.buffer, 0, 4);
}

test("reducing nothing gives the identity, which for integers is their last value", () => {
  const backend = reference();
  const asI32 = (op: ReduceOp) =>
    new Int32Array(emptyReduction(backend, op, "i32").slice().buffer)[0];
  const asF32 = (op: ReduceOp) =>
    new Float32Array(emptyReduction(backend, op, "f32").slice().buffer)[0];
  const ops = ["sum", "prod", "max", "min"] as const;
  expect(ops.map(asI32)).toEqual([0, 1, -2147483648, 2147483647]);
  expect(ops.map(asF32)).toEqual([0, 1, -Infinity, Infinity]);
});

test("double precision keeps what single precision loses", () => {
  const sumOf = (precision: "f32" | "f64") => {
    const own = createDevice(reference({ precision }));
    const x = tensor(own, [1]);
    const tiny = x.mul(2 ** -40).eval();
    return x
      .add(tiny)
      .eval()
      .sub(x)
      .mul(2 ** 40)
      .dataSync()[0];
  };
  expect([sumOf("f32"), sumOf("f64")]).toEqual([0, 1]);
});
