// FP8 against PyTorch's bits, weights stored as DeepSeek stores them, and what is refused.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  bytesSource,
  createDevice,
  Generator,
  linear,
  loadQuantized,
  loadSafetensors,
  openSafetensors,
  quantize,
  quantizedFromBytes,
  saveSafetensors,
  storedQuantized,
  tensor,
  zeros,
} from "../src/index.ts";
import { Linear, QuantizedLinear } from "../src/nn/index.ts";
import { quantFormats } from "../src/quant/formats.ts";
import { reference } from "../src/backend/index.ts";

const device = createDevice(reference());
const file = readFileSync(new URL("goldens/quantized.safetensors", import.meta.url));
const { tensors } = loadSafetensors(device, file, { filter: (name) => !name.startsWith("layer.") });
const golden = async (name: string) => Array.from(await tensors.get(name)!.data());

describe("fp8-e4m3 as PyTorch has it", () => {
  test("values round to PyTorch's codes, ties and subnormals too", async () => {
    const [values, codes] = [await golden("values"), await golden("codes")];
    const { encode } = quantFormats["fp8-e4m3"];
    expect(values.length).toBeGreaterThan(1000);
    values.forEach((value, i) => expect(encode(value), `${value}`).toBe(codes[i]));
    expect([encode(1e9), encode(-1e9), encode(NaN)]).toEqual([0x7e, 0xfe, 0x7f]);
  });

  test("all 256 codes decode to PyTorch's values", async () => {
    const codes = Uint8Array.from({ length: 256 }, (_, i) => i);
    using weight = quantizedFromBytes(
      device,
      { format: "fp8-e4m3", shape: [1, 256], block: [1, 256] },
      codes,
      [1],
    );
    expect(Array.from(await weight.dequantize().data())).toEqual(await golden("decoded"));
  });

  test("a stored weight and its scales: the matrix, a product, and back to the same bytes", async () => {
    const reader = await openSafetensors(bytesSource(file, "quantized.safetensors"));
    using weight = await loadQuantized(device, reader, "layer.weight");
    expect(weight).toMatchObject({ format: "fp8-e4m3", shape: [136, 150], block: [128, 128] });
    expect(Array.from(await weight.dequantize().data())).toEqual(await golden("dequantized"));
    const y = Array.from(await linear(tensors.get("x")!, weight).data());
    (await golden("y")).forEach((want, i) => expect(y[i]).toBeCloseTo(want, 3));
    const again = await openSafetensors(
      bytesSource(await saveSafetensors(await storedQuantized("layer.weight", weight))),
    );
    for (const name of ["layer.weight", "layer.weight_scale_inv"]) {
      expect(again.entries.get(name)!.shape).toEqual(reader.entries.get(name)!.shape);
      expect(await again.bytes(name)).toEqual(new Uint8Array(await reader.bytes(name)));
    }
  });

  test("quantize() gives the bytes that PyTorch's division and cast give", async () => {
    const reader = await openSafetensors(bytesSource(file, "quantized.safetensors"));
    using weight = await quantize(tensors.get("weight")!, { format: "fp8-e4m3" });
    const { bytes, scales } = await weight.toBytes();
    expect(bytes).toEqual(new Uint8Array(await reader.bytes("layer.weight")));
    expect(Array.from(scales)).toEqual(
      Array.from(await (await reader.load(device, "layer.weight_scale_inv")).data()),
    );
  });
});

test.each(["int8", "int4", "fp8-e4m3"] as const)(
  "a Linear in %s: close, smaller, stored and read",
  async (format) => {
    const generator = new Generator(device, 61);
    const layer = new Linear(256, 256, generator);
    const small = await layer.quantize({ format });
    const x = generator.normal([4, 256]);
    const [want, got] = [
      Array.from(await layer.forward(x).data()),
      Array.from(await small.forward(x).data()),
    ];
    const norm = (list: number[]) => Math.sqrt(list.reduce((sum, v) => sum + v * v, 0));
    const error = norm(want.map((v, i) => v - got[i]!)) / norm(want);
    expect(error).toBeLessThan({ int8: 0.01, int4: 0.15, "fp8-e4m3": 0.05 }[format]);
    expect(small.weight.byteLength).toBeLessThan((format === "int4" ? 0.16 : 0.27) * 4 * 256 * 256);
    expect([...small.namedParameters().keys()]).toEqual(["bias"]);
    const reader = await openSafetensors(
      bytesSource(await saveSafetensors(await storedQuantized("w", small.weight))),
    );
    using weight = await loadQuantized(device, reader, "w");
    expect(Array.from(await new QuantizedLinear(weight, small.bias).forward(x).data())).toEqual(
      got,
    );
    small.dispose();
  },
);

test("large weights go panel by panel: the f32 matrix never exists as a whole", async () => {
  using weight = await quantize(new Generator(device, 61).uniform([4096, 1024]), {
    format: "int8",
  });
  using x = zeros(device, [1, 1024]).add(1).eval();
  device.resetPeak();
  const before = device.memory().liveBytes;
  using y = linear(x, weight).eval();
  expect(y.shape).toEqual([1, 4096]);
  expect(device.memory().peakBytes - before).toBeLessThan(2.5 * 4 * 2 ** 20);
});

test("what is refused", async () => {
  const message = async (fn: () => unknown): Promise<string> => {
    try {
      await fn();
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`;
    }
    throw new Error("expected an error, got none");
  };
  const weight = await quantize(zeros(device, [2, 8]), { format: "int8" });
  expect(
    await message(() => quantize(zeros(device, [8]), { format: "int8" })),
  ).toMatchInlineSnapshot(`"ShapeError: quantize: expected a weight [out, in], got [8]."`);
  expect(
    await message(() => quantize(zeros(device, [2, 8]), { format: "int3" as "int4" })),
  ).toMatchInlineSnapshot(
    `"ArgumentError: quantize: expected the format int8, int4, fp8-e4m3, got "int3"."`,
  );
  expect(
    await message(() => quantize(zeros(device, [2, 8]), { format: "int8", block: [1, 3] })),
  ).toMatchInlineSnapshot(
    `"ArgumentError: quantize: a block is rows ≥ 1 by columns in multiples of 8, got 1 × 3."`,
  );
  expect(
    await message(() => quantize(tensor(device, [[1, NaN]]), { format: "int8" })),
  ).toMatchInlineSnapshot(
    `"ArgumentError: quantize: expected finite numbers, got NaN at [0, 1]. Repair the weight first."`,
  );
  expect(
    await message(() =>
      quantizedFromBytes(device, { format: "int4", shape: [2, 9] }, new Uint8Array(9), [1]),
    ),
  ).toMatchInlineSnapshot(
    `"FormatError: quantizedFromBytes: int4 [2, 9] in blocks of 1 × 32 needs 10 bytes and 2 scales, got 9 and 1."`,
  );
  expect(await message(() => linear(zeros(device, [3, 4]), weight))).toMatchInlineSnapshot(
    `"ShapeError: linear: expected x [..., in] and weight [out, in], got [3, 4] and [2, 8]. The last axes must be equal."`,
  );
  expect(await message(() => weight.dequantize(1, 4))).toMatchInlineSnapshot(
    `"ArgumentError: dequantize: expected rows from a multiple of 1 within 0..2, got 4 from 1."`,
  );
  const odd = await quantize(zeros(device, [2, 9]), { format: "int4" });
  expect(await message(() => storedQuantized("w", odd))).toMatchInlineSnapshot(
    `"ArgumentError: storedQuantized: int4 needs an even number of columns, w has 9. Pad it by one."`,
  );
  const reader = await openSafetensors(
    bytesSource(await saveSafetensors({ w: zeros(device, [2, 2]) })),
  );
  expect(await message(() => loadQuantized(device, reader, "w"))).toMatchInlineSnapshot(
    `"DTypeError: loadQuantized: "w" is F32; F8_E4M3, I8 or U8 is expected. Use reader.load()."`,
  );
  expect(
    await message(() =>
      saveSafetensors({ w: { dtype: "I8", shape: [3], bytes: new Uint8Array(2) } }),
    ),
  ).toMatchInlineSnapshot(`"ArgumentError: safetensors: "w", I8 [3], needs 3 bytes, got 2."`);
});
