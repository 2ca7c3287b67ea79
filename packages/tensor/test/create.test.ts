// Tensors from numbers and back.

import { expect, test } from "vitest";
import { wasm } from "@sixtyone/backend-wasm";
import {
  arange,
  ArgumentError,
  createDevice,
  eye,
  full,
  linspace,
  tensor,
  zeros,
} from "../src/index.ts";
import { reference } from "../src/backend/index.ts";

const device = createDevice(reference());

test("nested arrays, typed arrays, booleans and back", async () => {
  expect(await tensor(device, [[[1, 2]], [[3, 4]]]).toArray()).toEqual([[[1, 2]], [[3, 4]]]);
  expect(await tensor(device, [[true], [false]]).toArray()).toEqual([[true], [false]]);
  expect(await tensor(device, 5).toArray()).toBe(5);
  expect(await tensor(device, []).toArray()).toEqual([]);
  expect(await tensor(device, [[], []]).toArray()).toEqual([[], []]);
  const ids = tensor(device, Int32Array.of(1, 2, 3, 4), { shape: [2, 2] });
  expect([ids.dtype, await ids.toArray()]).toEqual([
    "i32",
    [
      [1, 2],
      [3, 4],
    ],
  ]);
});

test("16-bit words and values", async () => {
  const words = tensor(device, Uint16Array.of(0x3f80, 0x4000), { dtype: "bf16" });
  expect([...(await words.data())]).toEqual([1, 2]);
  const rounded = tensor(device, [1.0001, 3.14159], { dtype: "f16" });
  expect([...(await rounded.data())]).toEqual([1, 3.140625]);
});

test("a tensor takes the values of its array at once", async () => {
  const values = Float32Array.of(1, 2);
  const x = tensor(device, values);
  values[0] = 9;
  expect([...(await x.data())]).toEqual([1, 2]);
  const read = await x.data();
  read[1] = 9;
  expect([...(await x.data())]).toEqual([1, 2]);
});

test("ranges", async () => {
  const list = async (x: ReturnType<typeof arange>) => [...(await x.data())];
  expect(await list(arange(device, 0, 5))).toEqual([0, 1, 2, 3, 4]);
  expect(await list(arange(device, 5, 0, -2))).toEqual([5, 3, 1]);
  expect(await list(arange(device, 0, 1, 0.25, "f32"))).toEqual([0, 0.25, 0.5, 0.75]);
  expect(await list(arange(device, 3, 3))).toEqual([]);
  expect(() => arange(device, 0, 1, 0)).toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: arange: 0..1 in steps of 0 never ends. Use step ≠ 0.]`,
  );
  expect(await list(linspace(device, -1, 1, 5))).toEqual([-1, -0.5, 0, 0.5, 1]);
  expect(await eye(device, 2).toArray()).toEqual([
    [1, 0],
    [0, 1],
  ]);
  expect(await full(device, [2], 7, "i32").toArray()).toEqual([7, 7]);
});

test("an axis of size 1 made from coordinates still broadcasts", async () => {
  const one = arange(device, 4, 5); // [1]
  expect([...(await one.add(zeros(device, [3], "i32")).data())]).toEqual([4, 4, 4]);
});

test("coordinates survive broadcasting, transposing and reducing", async () => {
  const columns = arange(device, 0, 3); // [3]
  const table = columns.add(zeros(device, [2, 3], "i32")); // [2, 3]
  expect(await table.transpose().toArray()).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
  ]);
  expect([...(await table.sum(0).data())]).toEqual([0, 2, 4]);
  expect([...(await arange(device, 0, 4).reshape([2, 2]).sum(0).data())]).toEqual([2, 4]);
});

test("item and size", async () => {
  expect(await tensor(device, [[3]]).item()).toBe(3);
  expect(tensor(device, [[3, 4]]).size).toBe(2);
  expect(String(tensor(device, [[3, 4]], { dtype: "bf16" }))).toBe(
    "Tensor(bf16 [1, 2] on reference)",
  );
});

test("what is no backend is refused: nothing, a promise of one", async () => {
  const opening = wasm({ threads: 1 });
  const shown = ["undefined", "null", "[object Object]", "[object Promise]"];
  for (const [i, wrong] of [undefined, null, {}, opening].entries()) {
    expect(() => createDevice(wrong as never)).toThrow(ArgumentError);
    expect(() => createDevice(wrong as never)).toThrow(
      `createDevice: expected a backend, got ${shown[i]}. Await it: await wasm().`,
    );
  }
  createDevice(await opening).dispose();
});
