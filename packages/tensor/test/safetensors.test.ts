// The format: round trips, files that Python's `safetensors` wrote, sources, and a fuzz of damaged headers that
// must be refused without reading beyond the file.

import fc from "fast-check";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { openAsBlob, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import {
  blobSource,
  bytesSource,
  createDevice,
  FormatError,
  httpSource,
  loadSafetensors,
  openSafetensors,
  openSharded,
  saveSafetensors,
  tensor,
  type DType,
} from "../src/index.ts";
import { reference } from "../src/backend/index.ts";

const device = createDevice(reference());
const goldenPath = fileURLToPath(new URL("goldens/python.safetensors", import.meta.url));

const unheld = ["c64", "f4", "f8_e4m3fnuz"];

test("what Python wrote is read: every dtype, scalars, empty tensors, metadata", async () => {
  const filter = (name: string) => !unheld.includes(name);
  const { tensors, metadata } = loadSafetensors(device, readFileSync(goldenPath), { filter });
  expect(metadata).toMatchObject({ made_by: "safetensors", clé: "ünïcode" });
  const values = async (name: string) => Array.from(await tensors.get(name)!.data());
  expect(await values("f32")).toEqual([0, 0.5, 1, 1.5, 2, 2.5]);
  expect(tensors.get("f32")!.shape).toEqual([2, 3]);
  expect(await values("f16")).toEqual([0, 0.5, 1, 65504]);
  expect(await values("bf16")).toEqual([0, 0.5, 1, -2]);
  expect(await values("f64")).toEqual([0.25, -3]);
  expect(await values("i32")).toEqual([-(2 ** 31), 2 ** 31 - 1]);
  expect(await values("u32")).toEqual([0, 2 ** 32 - 1]);
  expect(await values("i64")).toEqual([-5, 7]);
  expect(await values("u64")).toEqual([0, 2 ** 32 - 1]);
  expect(await values("i16")).toEqual([-(2 ** 15), 2 ** 15 - 1]);
  expect(await values("u16")).toEqual([0, 2 ** 16 - 1]);
  expect(await values("i8")).toEqual([-128, 127]);
  expect(await values("u8")).toEqual([0, 255]);
  expect(await values("bool")).toEqual([1, 0, 1]);
  expect(await values("scalar")).toEqual([42]);
  expect(tensors.get("scalar")!.shape).toEqual([]);
  expect(tensors.get("empty")!.shape).toEqual([0, 4]);
  // All 256 codes of the eight-bit floats, as PyTorch widens them.
  for (const name of ["f8_e4m3", "f8_e5m2", "f8_e8m0"]) {
    expect(await values(name), name).toEqual(await values(`${name}.wide`));
  }
});

test("what no tensor can hold says so; its bytes are there", async () => {
  const reader = await openSafetensors(bytesSource(readFileSync(goldenPath)));
  expect([...(await reader.bytes("f4"))]).toEqual([0, 1, 2, 3, 4, 5]);
  expect(reader.entries.get("f4")).toMatchObject({ dtype: "F4", shape: [2, 6] });
  for (const name of unheld) {
    await expect(reader.load(device, name)).rejects.toMatchObject({ code: "DTYPE" });
  }
  await expect(reader.load(device, "c64")).rejects.toThrowErrorMatchingInlineSnapshot(
    `[DTypeError: safetensors: "c64" is C64, which no tensor can hold. Read its bytes: (await openSafetensors(source)).bytes(name).]`,
  );
  const scaled = await saveSafetensors({
    w: { dtype: "F8_E4M3", shape: [1, 1], bytes: Uint8Array.of(1) },
    w_scale_inv: tensor(device, [[2]]),
  });
  expect(() => loadSafetensors(device, scaled)).toThrowErrorMatchingInlineSnapshot(
    `[DTypeError: safetensors: "w" is F8_E4M3, which has no meaning without its block scales. Use loadQuantized.]`,
  );
  const large = new BigInt64Array([2n ** 40n]);
  const wide = await saveSafetensors({
    n: { dtype: "I64", shape: [1], bytes: new Uint8Array(large.buffer) },
  });
  expect(() => loadSafetensors(device, wide)).toThrowErrorMatchingInlineSnapshot(
    `[DTypeError: safetensors: "n" holds 1099511627776, which does not fit 32 bits.]`,
  );
});

test("what is written comes back: any shapes, dtypes, names, metadata", async () => {
  const dtypes: DType[] = ["f32", "i32", "u32", "bool", "f16", "bf16"];
  const entry = fc.record({
    dtype: fc.constantFrom(...dtypes),
    shape: fc.array(fc.nat(4), { maxLength: 3 }),
    seed: fc.nat(1000),
  });
  const word = fc.oneof(
    fc.string({ minLength: 1 }),
    fc.constantFrom("__proto__", "constructor", "toString", "1"),
  );
  const names = word.filter((name) => name !== "__metadata__");
  const file = fc.uniqueArray(fc.tuple(names, entry), { maxLength: 5, selector: ([name]) => name });
  const texts = fc.uniqueArray(fc.tuple(word, fc.string()), {
    maxLength: 4,
    selector: ([name]) => name,
  });
  await fc.assert(
    fc.asyncProperty(file, texts, async (entries, pairs) => {
      using _scope = device.scope();
      const metadata = Object.fromEntries(pairs);
      const tensors = new Map(
        entries.map(([name, { dtype, shape, seed }]) => {
          const size = shape.reduce((a, b) => a * b, 1);
          const values = Array.from(
            { length: size },
            (_, i) => ((seed + i) % 7) * (dtype === "bool" ? 1 : 3),
          );
          return [name, tensor(device, values, { dtype, shape })] as const;
        }),
      );
      const bytes = await saveSafetensors(tensors, metadata);
      // The data begins at a multiple of 8, so that it can be mapped as it lies.
      expect(new DataView(bytes.buffer).getUint32(0, true) % 8).toBe(0);
      const loaded = loadSafetensors(device, bytes);
      expect(loaded.metadata).toEqual(metadata);
      expect([...loaded.tensors.keys()].sort()).toEqual([...tensors.keys()].sort());
      for (const [name, x] of tensors) {
        const y = loaded.tensors.get(name)!;
        expect([y.dtype, y.shape]).toEqual([x.dtype, x.shape]);
        expect(await y.data()).toEqual(await x.data());
      }
    }),
    { seed: 61, numRuns: 200 },
  );
});

test("a file is read piece by piece from a Blob, and from a server by ranges", async () => {
  const bytes = readFileSync(goldenPath);
  const fromBlob = await openSafetensors(blobSource(await openAsBlob(goldenPath), goldenPath));
  expect(Array.from(await (await fromBlob.load(device, "f16")).data())).toEqual([0, 0.5, 1, 65504]);

  let served = 0;
  const server = createServer((request, response) => {
    const range = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "");
    if (request.url !== "/x.safetensors" || !range) return void response.writeHead(404).end();
    const part = bytes.subarray(Number(range[1]), Number(range[2]) + 1);
    served += part.byteLength;
    response
      .writeHead(206, { "Content-Range": `bytes ${range[1]}-${range[2]}/${bytes.byteLength}` })
      .end(part);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const remote = await openSafetensors(httpSource(`${base}/x.safetensors`));
  const headerBytes = served;
  expect(Array.from(await (await remote.load(device, "f64")).data())).toEqual([0.25, -3]);
  expect(served - headerBytes).toBe(16);
  await expect(openSafetensors(httpSource(`${base}/y.safetensors`))).rejects.toThrow(/404/);
  server.close();
});

test("a sharded checkpoint reads through its index", async () => {
  const a = await saveSafetensors({ x: tensor(device, [1, 2]) });
  const b = await saveSafetensors({ y: tensor(device, [3]), z: tensor(device, [4]) });
  const files: Record<string, Uint8Array> = { "1.safetensors": a, "2.safetensors": b };
  const open = (name: string) => bytesSource(files[name]!, name);
  const index = { weight_map: { x: "1.safetensors", y: "2.safetensors", z: "2.safetensors" } };
  const reader = await openSharded(index, open);
  expect([...reader.entries.keys()]).toEqual(["x", "y", "z"]);
  expect(Array.from(await (await reader.load(device, "z")).data())).toEqual([4]);
  await expect(reader.load(device, "w")).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: the index: there is no tensor "w". See \`entries\` for the names.]`,
  );
  const wrong = { weight_map: { x: "2.safetensors" } };
  await expect(openSharded(wrong, open)).rejects.toThrowErrorMatchingInlineSnapshot(
    `[FormatError: 2.safetensors: the index says that x is in this file, it is not. Download the checkpoint again.]`,
  );
  await expect(openSharded({}, open)).rejects.toThrowErrorMatchingInlineSnapshot(
    `[FormatError: index: expected { "weight_map": { tensor name: file name } }, as in model.safetensors.index.json.]`,
  );
});

/** A file with this header text and `dataBytes` zeros after it. */
function fileOf(header: string | Uint8Array, dataBytes: number, claimed?: bigint): Uint8Array {
  const json = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const out = new Uint8Array(8 + json.byteLength + dataBytes);
  new DataView(out.buffer).setBigUint64(0, claimed ?? BigInt(json.byteLength), true);
  out.set(json, 8);
  return out;
}

const one = (entry: object, more: object = {}): string => JSON.stringify({ a: entry, ...more });

test.each<[string, Uint8Array]>([
  ["nothing", new Uint8Array(0)],
  ["a header longer than the file", fileOf("{}", 0, 9n)],
  ["a header of 2^63 bytes", fileOf("{}", 0, 2n ** 63n)],
  ["a header that is no JSON", fileOf("{a}", 0)],
  ["a header that is no UTF-8", fileOf(Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d), 0)],
  ["a header that is a list", fileOf("[]", 0)],
  ["an unknown dtype", fileOf(one({ dtype: "F33", shape: [1], data_offsets: [0, 4] }), 4)],
  [
    "a dtype from the prototype",
    fileOf(one({ dtype: "toString", shape: [1], data_offsets: [0, 4] }), 4),
  ],
  ["a negative dimension", fileOf(one({ dtype: "F32", shape: [-1], data_offsets: [0, 4] }), 4)],
  ["a fractional dimension", fileOf(one({ dtype: "F32", shape: [0.5], data_offsets: [0, 2] }), 2)],
  ["a size of 2^53", fileOf(one({ dtype: "F32", shape: [2 ** 53], data_offsets: [0, 4] }), 4)],
  [
    "sizes whose product overflows",
    fileOf(one({ dtype: "F32", shape: [2 ** 40, 2 ** 40], data_offsets: [0, 4] }), 4),
  ],
  [
    "offsets that run backwards",
    fileOf(one({ dtype: "F32", shape: [1], data_offsets: [4, 0] }), 4),
  ],
  ["negative offsets", fileOf(one({ dtype: "F32", shape: [1], data_offsets: [-4, 0] }), 4)],
  ["offsets beyond the file", fileOf(one({ dtype: "F32", shape: [2], data_offsets: [0, 8] }), 4)],
  [
    "offsets that do not fit the shape",
    fileOf(one({ dtype: "F32", shape: [2], data_offsets: [0, 4] }), 4),
  ],
  [
    "overlapping tensors",
    fileOf(
      one(
        { dtype: "F32", shape: [1], data_offsets: [0, 4] },
        { b: { dtype: "F32", shape: [1], data_offsets: [2, 6] } },
      ),
      6,
    ),
  ],
  ["a gap", fileOf(one({ dtype: "F32", shape: [1], data_offsets: [4, 8] }), 8)],
  [
    "bytes after the last tensor",
    fileOf(one({ dtype: "F32", shape: [1], data_offsets: [0, 4] }), 9),
  ],
  ["half a byte of F4", fileOf(one({ dtype: "F4", shape: [3], data_offsets: [0, 2] }), 2)],
  ["metadata that are not strings", fileOf('{"__metadata__":{"a":1}}', 0)],
])("refused: %s", (_, bytes) => {
  expect(() => loadSafetensors(device, bytes)).toThrow(FormatError);
});

test("fuzz: a damaged file is refused or reads as tensors of its own bytes, never anything else", async () => {
  const good = await saveSafetensors(
    { a: tensor(device, [1, 2, 3]), b: tensor(device, [[4], [5]]) },
    { note: "fuzz" },
  );
  const damage = fc.oneof(
    fc.record({ cut: fc.nat(good.byteLength) }),
    fc.record({ at: fc.nat(good.byteLength - 1), byte: fc.nat(255) }),
    fc.record({ header: fc.json() }),
    fc.record({ noise: fc.uint8Array({ maxLength: 200 }) }),
  );
  let refused = 0;
  fc.assert(
    fc.property(damage, (kind) => {
      let bytes = good.slice();
      if ("cut" in kind) bytes = good.slice(0, kind.cut);
      else if ("at" in kind) bytes[kind.at] = kind.byte;
      else if ("header" in kind) bytes = new Uint8Array(fileOf(kind.header, 8));
      else bytes = new Uint8Array(kind.noise);
      using _scope = device.scope();
      const before = device.memory().liveBytes;
      try {
        const { tensors } = loadSafetensors(device, bytes);
        const loaded = [...tensors.values()].reduce((sum, x) => sum + 4 * x.size, 0);
        expect(loaded).toBeLessThanOrEqual(4 * bytes.byteLength);
      } catch (error) {
        refused++;
        expect((error as { code?: string }).code).toMatch(/^(FORMAT|DTYPE)$/);
      }
      expect(device.memory().liveBytes - before).toBeLessThanOrEqual(8 * bytes.byteLength + 64);
    }),
    { seed: 53, numRuns: 2000 },
  );
  expect(refused).toBeGreaterThan(500);
});

test("what is written is what Python was seen to read: tools/goldens/safetensors_read.py", async () => {
  const x = (values: number[], shape: number[], dtype: DType) =>
    tensor(device, values, { shape, dtype });
  const bytes = await saveSafetensors(
    {
      "model.layers.0.weight": x(
        [0, -1.5, 2 ** -149, 3.4028234663852886e38, Infinity, 0.1],
        [2, 3],
        "f32",
      ),
      half: x([1, 65504, -(2 ** -24)], [3], "f16"),
      brain: x([1, -3.140625], [2, 1], "bf16"),
      signed: x([-(2 ** 31), 2 ** 31 - 1], [2], "i32"),
      unsigned: x([0, 2 ** 32 - 1], [2], "u32"),
      flags: x([1, 0, 1], [3], "bool"),
      scalar: x([42], [], "f32"),
      empty: x([], [0, 4], "f32"),
      'größe "x"': x([7], [1], "i32"),
      bytes: { dtype: "I8", shape: [2], bytes: Uint8Array.of(0x80, 0x7f) },
      fp8: { dtype: "F8_E4M3", shape: [3], bytes: Uint8Array.of(0x38, 0x7e, 0x81) },
    },
    { format: "pt", clé: "ünïcode" },
  );
  const path = fileURLToPath(new URL("goldens/ours.safetensors", import.meta.url));
  // Written anew with SIXTYONE_UPDATE=1; then the script must accept it.
  if (process.env["SIXTYONE_UPDATE"]) writeFileSync(path, bytes);
  expect(Buffer.from(bytes).equals(readFileSync(path))).toBe(true);
});
