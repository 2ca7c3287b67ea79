// Threads: the same bits for 1, 2 and 4 of them, an end with `dispose`, a process that ends by itself,
// and workers that die.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import {
  contiguousStrides,
  leafExpr,
  opExpr,
  scalarExpr,
  sizeOf,
  toProgram,
} from "@sixtyone/tensor/backend";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { wasm, type WasmBackend } from "../src/index.ts";
import { compile, readBuild } from "../src/load-module.ts";
import { createHeap } from "../src/memory/heap.ts";
import { control } from "../src/threads/control.ts";
import { Pool } from "../src/threads/pool.ts";
import { randomSource, runOn, type View } from "./compare.ts";
import { watchWorkers } from "./watch-workers.ts";

afterEach(() => vi.restoreAllMocks());

const view = (shape: number[], seed: number, strides = contiguousStrides(shape)): View => {
  const random = randomSource(seed);
  return {
    dtype: "f32",
    shape,
    strides,
    data: Array.from({ length: sizeOf(shape) }, () => random() * 2 - 1),
  };
};

const gelu = (() => {
  const x = leafExpr("x", "f32");
  const half = opExpr("mul", x, scalarExpr(0.5, "f32"));
  return toProgram(
    [opExpr("mul", half, opExpr("add", opExpr("erf", x), scalarExpr(1, "f32")))],
    ["f32"],
  );
})();
const plain = toProgram([leafExpr("x", "f32")], ["f32"]);
const ids: View = {
  dtype: "i32",
  shape: [600],
  data: Array.from({ length: 600 }, (_, i) => (i * 7) % 97),
};
const repeated: View = { ...ids, shape: [600, 160], strides: [1, 0] };

interface Work {
  readonly kernel: string;
  readonly params: object;
  readonly inputs: readonly View[];
  readonly outputs: readonly View[];
}

const out = (...shape: number[]): View => ({ dtype: "f32", shape });
const rows = view([300, 200], 1);
const heads = [view([2, 3, 130, 32], 2), view([2, 3, 130, 32], 3), view([2, 3, 130, 24], 4)];
const work: readonly Work[] = [
  {
    kernel: "map",
    params: { program: gelu.program, scalars: gelu.scalars, shape: [300, 200] },
    inputs: [rows],
    outputs: [out(300, 200)],
  },
  {
    kernel: "reduce",
    params: { program: plain.program, scalars: [], shape: [300, 200], reduceRank: 1, op: "sum" },
    inputs: [rows],
    outputs: [out(300)],
  },
  {
    kernel: "reduce",
    params: { program: plain.program, scalars: [], shape: [1200, 700], reduceRank: 1, op: "sum" },
    inputs: [view([1200, 700], 5, [1, 1200])],
    outputs: [out(1200)],
  },
  {
    kernel: "matmul",
    params: {},
    inputs: [view([300, 200], 6), view([200, 170], 7)],
    outputs: [out(300, 170)],
  },
  {
    kernel: "matmul",
    params: {},
    inputs: [view([130, 900], 8, [1, 130]), view([900, 100], 9, [1, 900])],
    outputs: [out(130, 100)],
  },
  {
    kernel: "matmul",
    params: {},
    inputs: [view([5, 700], 10), view([700, 600], 11)],
    outputs: [out(5, 600)],
  },
  {
    kernel: "scatterAdd",
    params: { axis: 0 },
    inputs: [view([97, 160], 12), repeated, view([600, 160], 13)],
    outputs: [out(97, 160)],
  },
  { kernel: "softmax", params: {}, inputs: [rows], outputs: [out(300, 200)] },
  {
    kernel: "rmsNormBackward",
    params: {},
    inputs: [rows, view([300, 200], 14), view([200], 15), view([300], 16)],
    outputs: [out(300, 200), out(200)],
  },
  {
    kernel: "attention",
    params: { scale: 0.2, causal: true, masked: false },
    inputs: heads,
    outputs: [out(2, 3, 130, 24), out(2, 3, 130)],
  },
  {
    kernel: "attentionBackward",
    params: { scale: 0.2, causal: true, masked: false },
    inputs: [view([2, 3, 130, 24], 17), ...heads, view([2, 3, 130, 24], 18), view([2, 3, 130], 19)],
    outputs: [out(2, 3, 130, 32), out(2, 3, 130, 32), out(2, 3, 130, 24)],
  },
  {
    kernel: "linearLogProb",
    params: { scale: 1 },
    inputs: [
      rows,
      view([500, 200], 20),
      { ...ids, shape: [300], data: (ids.data as number[]).slice(0, 300) },
    ],
    outputs: [out(300), out(300), out(300)],
  },
  {
    kernel: "sample",
    params: { temperature: 0.8, topK: 150, topP: 0.9, minP: 0.01, logProbs: true },
    inputs: [rows, { dtype: "u32", shape: [4], data: [61, 5, 0xffffff00, 1] }],
    outputs: [{ dtype: "i32", shape: [300] }, out(300)],
  },
  {
    kernel: "groupedTopk",
    params: { k: 8, groups: 10, keptGroups: 4, normalize: true, scale: 2.5 },
    inputs: [rows, view([200], 21)],
    outputs: [out(300, 8), { dtype: "i32", shape: [300, 8] }],
  },
];

describe("the same bits with 1, 2 and 4 threads", () => {
  const backends: WasmBackend[] = [];
  beforeAll(async () => {
    for (const threads of [1, 2, 4]) backends.push(await wasm({ threads }));
  });
  afterAll(() => backends.forEach((backend) => backend.dispose()));

  test.each(work.map((item, i) => [`${item.kernel} ${i}`, item] as const))("%s", (_, item) => {
    const [one, ...others] = backends.map((backend) =>
      runOn(backend, item, item.inputs, item.outputs),
    );
    for (const other of others) expect(other).toEqual(one);
    // Again, now that workers may sleep or be awake.
    for (let i = 0; i < 20; i++)
      expect(runOn(backends[1]!, item, item.inputs, item.outputs)).toEqual(one);
  });
});

test("a process with threads ends by itself", () => {
  const index = fileURLToPath(new URL("../src/index.ts", import.meta.url));
  const program = `import { wasm } from ${JSON.stringify(index)}; await wasm({ threads: 3 }); console.log("ready");`;
  const output = execFileSync(
    process.execPath,
    ["--conditions=sixtyone-source", "--input-type=module", "-e", program],
    { encoding: "utf8", timeout: 20_000 },
  );
  expect(output.trim()).toBe("ready");
});

test("a disposed backend refuses work", async () => {
  const backend = await wasm({ threads: 2 });
  backend.dispose();
  backend.dispose();
  const item = work[3]!;
  expect(() => runOn(backend, item, item.inputs, item.outputs)).toThrow(/disposed/);
});

test("threads must be a number that makes sense", async () => {
  await expect(wasm({ threads: 0 })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[SixtyoneError: wasm: threads is 0. Pass a whole number from 1 to 64.]`,
  );
});

test("a kernel that traps on a worker is an error, now and later, and never a hang", async () => {
  const backend = await wasm({ threads: 3 });
  const good = work[7]!;
  runOn(backend, good, good.inputs, good.outputs);
  const wild = {
    buffer: { byteLength: 240000, address: 2 ** 31 },
    dtype: "f32" as const,
    shape: [300, 200],
    strides: [200, 1],
    offset: 0,
  };
  const launch = {
    kernel: "softmax" as const,
    params: {},
    inputs: [wild],
    outputs: [wild],
    op: "softmax",
  };
  expect(() => backend.run(launch)).toThrow();
  // Whether the worker or this thread met the trap first, what follows either works or says why not.
  try {
    runOn(backend, good, good.inputs, good.outputs);
  } catch (error) {
    expect((error as { code?: string }).code).toBe("WORKER");
  }
  backend.dispose();
});

test("a worker that ends between two jobs is an error at the next, never a hang", async () => {
  const workers = watchWorkers();
  const backend = await wasm({ threads: 3 });
  const item = work[7]!;
  runOn(backend, item, item.inputs, item.outputs);
  await workers[1]!.terminate();
  await vi.waitFor(() =>
    expect(() => runOn(backend, item, item.inputs, item.outputs)).toThrow(/a worker thread ended/),
  );
  backend.dispose();
});

test("a worker that dies at a tile is an error after a while, never a hang", async () => {
  const heap = createHeap(2 ** 26, true);
  const module = await compile(await readBuild("simd"));
  const pool = await Pool.start({
    heap,
    module,
    names: [],
    scratchBytes: 1024,
    threads: 2,
    silenceMs: 100,
  });
  const ran: number[] = [];
  pool.run((_, begin, end) => void ran.push(end - begin), 0, 0, 1, 0, 0);
  expect(ran).toEqual([1]);
  // What a worker that took a tile and died leaves behind: it counts as active for ever.
  Atomics.add((pool as unknown as { words: Int32Array }).words, control.active, 1);
  expect(() => pool.run(() => {}, 0, 0, 1, 0, 0)).toThrowErrorMatchingInlineSnapshot(
    `[SixtyoneError: wasm: a worker thread ended (it did not answer for 0.1 s), so results can no longer be trusted. Create a new backend, with threads: 1 if it happens again.]`,
  );
  expect(() => pool.run(() => {}, 0, 0, 1, 0, 0)).toThrow(/did not answer/);
  pool.dispose();
});
