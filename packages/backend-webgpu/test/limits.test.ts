// On a device that allows the 8 storage buffers WebGPU promises everywhere, and no more: launches that bind
// more are split. Buffers beyond the device's largest are refused.

import { runConformance } from "@sixtyone/backend-testkit";
import { createDevice, OutOfMemoryError, tensor, zeros } from "@sixtyone/tensor";
import {
  indexExpr,
  leafExpr,
  opExpr,
  reference,
  toProgram,
  type Backend,
  type Binding,
  type Expr,
  type Launch,
  type ReduceOp,
} from "@sixtyone/tensor/backend";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { WebGpuBackend } from "../src/index.ts";
import { hasAdapter, openBackend } from "./adapter.ts";

vi.setConfig({ testTimeout: 120_000 });

const requiredLimits = { maxStorageBuffersPerShaderStage: 8 };

describe.skipIf(!hasAdapter)("webgpu with 8 storage buffers", () => {
  runConformance({ name: "webgpu", create: () => openBackend({ requiredLimits }) }, [
    "contract",
    "primitives",
    "fused",
  ]);

  let backend: WebGpuBackend;
  beforeAll(async () => {
    backend = await openBackend({ requiredLimits });
  });
  afterAll(() => backend.dispose());

  const shape = [3, 5];
  const leaves = Array.from({ length: 12 }, (_, i) => leafExpr(i, "f32"));
  const sum = (from: number, to: number): Expr<number> =>
    leaves
      .slice(from, to)
      .reduce<Expr<number>>((a, b) => opExpr("add", opExpr("mul", a, b), b), leaves[0]!);
  const expressions: { readonly [name: string]: readonly Expr<number>[] } = {
    "12 inputs in a row": [sum(0, 12)],
    "shared by both sides": [opExpr("sub", sum(0, 9), opExpr("max", sum(1, 10), sum(2, 12)))],
    "several outputs": [sum(0, 9), leaves[3]!, opExpr("abs", sum(0, 2)), sum(4, 12)],
    "a condition, coordinates": [
      opExpr("select", opExpr("lt", indexExpr(-1), indexExpr(-2)), sum(0, 10), sum(2, 12)),
    ],
  };

  for (const [name, roots] of Object.entries(expressions)) {
    test(`map: ${name}`, async () => {
      const run = (on: Backend) => runMap(on, roots, shape);
      expect(await run(backend)).toEqual(await run(reference()));
    });
  }

  test.each(["sum", "max"] as const)("reduce of 12 inputs: %s", async (op) => {
    const run = (on: Backend) => runReduce(on, sum(0, 12), shape, op);
    const [got, want] = [await run(backend), await run(reference())];
    got.forEach((x, i) => expect(x).toBeCloseTo(want[i]!, 4));
  });
});

describe.skipIf(!hasAdapter)("tensors no buffer can hold", () => {
  test("are refused with the limit's name; the device works on", async () => {
    const limits = { maxStorageBufferBindingSize: 2 ** 27 };
    using device = createDevice(await openBackend({ requiredLimits: limits }));
    expect(device.backend.capabilities.maxBufferBytes).toBe(2 ** 27);
    using _scope = device.scope();
    const tooLarge = () =>
      zeros(device, [2 ** 25 + 1])
        .add(1)
        .contiguous();
    expect(tooLarge).toThrow(OutOfMemoryError);
    expect(tooLarge).toThrow(
      /^add: webgpu: a tensor of 134217732 bytes.*maxStorageBufferBindingSize/,
    );
    expect(await tensor(device, [1, 2]).add(1).toArray()).toEqual([2, 3]);
  });
});

function bind(backend: Backend, shape: readonly number[], values?: Float32Array): Binding {
  const size = shape.reduce((a, b) => a * b, 1);
  const buffer = backend.alloc(size * 4);
  if (values) backend.write(buffer, 0, new Uint8Array(values.buffer));
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  return { buffer, dtype: "f32", shape, strides, offset: 0 };
}

/** Quarters: sums and products of a few of them are exact. */
function inputValues(leaf: number, size: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => (((leaf * 7 + i * 5) % 9) - 4) / 4);
}

async function readAll(backend: Backend, bindings: readonly Binding[]): Promise<number[]> {
  const values: number[] = [];
  for (const { buffer } of bindings) {
    const bytes = await backend.read(buffer, 0, buffer.byteLength);
    values.push(...new Float32Array(bytes.slice().buffer));
  }
  return values;
}

async function runMap(
  backend: Backend,
  roots: readonly Expr<number>[],
  shape: readonly number[],
): Promise<number[]> {
  const { program, leaves, scalars } = toProgram(
    roots,
    roots.map(() => "f32" as const),
  );
  const size = shape.reduce((a, b) => a * b, 1);
  const inputs = leaves.map((leaf) => bind(backend, shape, inputValues(leaf, size)));
  const outputs = roots.map(() => bind(backend, shape));
  const launch: Launch = {
    kernel: "map",
    op: "test",
    params: { program, scalars, shape },
    inputs,
    outputs,
  };
  backend.run(launch);
  return readAll(backend, outputs);
}

async function runReduce(
  backend: Backend,
  root: Expr<number>,
  shape: readonly number[],
  op: ReduceOp,
): Promise<number[]> {
  const { program, leaves, scalars } = toProgram([root], ["f32"]);
  const size = shape.reduce((a, b) => a * b, 1);
  const inputs = leaves.map((leaf) => bind(backend, shape, inputValues(leaf, size)));
  const output = bind(backend, shape.slice(0, 1));
  backend.run({
    kernel: "reduce",
    op: "test",
    params: { program, scalars, shape, reduceRank: 1, op },
    inputs,
    outputs: [output],
  });
  return readAll(backend, [output]);
}
