// The 16-bit floats, every one of their 65,536 values, and promotion.

import { expect, test } from "vitest";
import { createDevice, tensor } from "../src/index.ts";
import {
  decodeBF16,
  decodeF16,
  dtypes,
  encodeBF16,
  encodeF16,
  reference,
  type DType,
} from "../src/backend/index.ts";

const words = Array.from({ length: 65536 }, (_, i) => i);

test.each([
  ["f16", encodeF16, decodeF16],
  ["bf16", encodeBF16, decodeBF16],
] as const)("%s: decoding and encoding gives every word back", (_, encode, decode) => {
  const wrong = words.filter((word) => {
    const value = decode(word);
    return Number.isNaN(value) ? !Number.isNaN(decode(encode(value))) : encode(value) !== word;
  });
  expect(wrong).toEqual([]);
});

test.each([
  ["f16", encodeF16, decodeF16],
  ["bf16", encodeBF16, decodeBF16],
] as const)(
  "%s: a value between two neighbours goes to the nearer, a tie to the even word",
  (_, encode, decode) => {
    const largest = words.findLastIndex((word) => word < 0x8000 && Number.isFinite(decode(word)));
    for (let word = 0; word < largest; word++) {
      const [low, high] = [decode(word), decode(word + 1)];
      const middle = (low + high) / 2;
      // f32 does not hold every quarter below its own smallest normal numbers.
      if (Math.fround(middle) !== middle) continue;
      expect(encode(middle)).toBe(word % 2 === 0 ? word : word + 1);
      expect(encode(-middle)).toBe((word % 2 === 0 ? word : word + 1) | 0x8000);
    }
  },
);

test("f16 overflows to infinity from 65520 on", () => {
  expect([65504, 65519.99, 65520, 1e9].map((x) => decodeF16(encodeF16(x)))).toEqual([
    65504,
    65504,
    Infinity,
    Infinity,
  ]);
});

test("promotion of operands, as a table", async () => {
  const device = createDevice(reference());
  const of = (dtype: DType) => tensor(device, [1], { dtype });
  const table = dtypes.map((a) => dtypes.map((b) => of(a).add(of(b)).dtype).join(" "));
  expect(dtypes.join(" ")).toBe("f32 i32 u32 bool f16 bf16");
  expect(table).toMatchInlineSnapshot(`
    [
      "f32 f32 f32 f32 f32 f32",
      "f32 i32 i32 i32 f16 bf16",
      "f32 i32 u32 u32 f16 bf16",
      "f32 i32 u32 i32 f16 bf16",
      "f32 f16 f16 f16 f16 f32",
      "f32 bf16 bf16 bf16 f32 bf16",
    ]
  `);
});

test("a number takes the tensor's dtype unless it has a fraction or a sign the dtype lacks", () => {
  const device = createDevice(reference());
  const of = (dtype: DType) => tensor(device, [1], { dtype });
  expect(of("i32").add(1).dtype).toBe("i32");
  expect(of("i32").add(0.5).dtype).toBe("f32");
  expect(of("u32").add(-1).dtype).toBe("i32");
  expect(of("bf16").mul(0.1).dtype).toBe("bf16");
  expect(of("i32").div(2).dtype).toBe("f32");
  expect(of("bool").sum().dtype).toBe("i32");
  expect(of("i32").mean().dtype).toBe("f32");
});
