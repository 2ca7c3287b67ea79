// The micro-kernels of large products: every one gives the same bits, edges included, so that the choice made by
// measurement shows in no result; nor does, for the largest shape here, how it is cut into blocks. The last shapes
// take more than one block of K, and eight rows at the end are two tiles of four.

import { expect, test } from "vitest";
import { chooseTile, tileName } from "../src/choose-tile.ts";
import { Engine, type Kernel, type KernelFunction, type Tile } from "../src/engine.ts";
import type { Context } from "../src/kernels/context.ts";
import { multiply } from "../src/kernels/matmul.ts";
import { compile, forUnsharedMemory, readBuild, type BuildName } from "../src/load-module.ts";
import { ProgramCache } from "../src/map/program-params.ts";
import { Space } from "../src/map/space.ts";
import { createHeap } from "../src/memory/heap.ts";
import { PanelCache } from "../src/memory/panels.ts";
import { randomSource } from "./compare.ts";

async function openEngine(build: BuildName): Promise<Engine> {
  const heap = createHeap(2 ** 26, false);
  const module = await compile(forUnsharedMemory(await readBuild(build)));
  const { exports } = await WebAssembly.instantiate(module, { env: { memory: heap.memory } });
  const kernels: { [name: string]: Kernel } = {};
  Object.entries(exports).forEach(
    ([name, run], number) => (kernels[name] = { run: run as KernelFunction, number }),
  );
  return new Engine(heap, kernels, undefined, { rows: 6, isWide: false });
}

function contextOf(engine: Engine): Context {
  const panels = new PanelCache(engine.heap, 0);
  return { engine, programs: new ProgramCache(), space: new Space(), panels };
}

const tiles: readonly Tile[] = [
  { rows: 6, isWide: false },
  { rows: 4, isWide: false },
  { rows: 6, isWide: true },
];

test.each(["relaxed", "simd"] as const)("%s: all tiles give the same bits", async (build) => {
  const engine = await openEngine(build);
  const { heap } = engine;
  const context = contextOf(engine);
  const random = randomSource(61);
  const fill = (count: number): number => {
    const address = heap.allocator.alloc(count * 4);
    for (let i = 0; i < count; i++) heap.f32[(address >>> 2) + i] = random() * 2 - 1;
    return address;
  };
  for (const [rows, columns, inner] of [
    [96, 64, 256],
    [1, 1, 1],
    [7, 9, 5],
    [95, 41, 130],
    [13, 50, 33],
    [14, 24, 40],
    [64, 20, 1300],
    [95, 41, 1100],
    [104, 300, 1100],
  ] as const) {
    for (const isTransposed of [false, true]) {
      const [a, b, c] = [fill(rows * inner), fill(inner * columns), fill(rows * columns)];
      const ways = tiles.map((tile) => ({ tile, packs: true }));
      if (rows > 100) ways.push({ tile: tiles[0]!, packs: false });
      const results = ways.map(({ tile, packs }) => {
        engine.tile = tile;
        multiply(
          context,
          {
            rows,
            columns,
            inner,
            a: isTransposed
              ? { address: a, rowStride: 1, columnStride: rows, kind: 0 }
              : { address: a, rowStride: inner, columnStride: 1, kind: 0 },
            b: { address: b, rowStride: columns, columnStride: 1, kind: 0 },
            c: { address: c, rowBytes: columns * 4 },
            accumulate: false,
            batch: [],
          },
          packs,
        );
        engine.endLaunch();
        return heap.f32.slice(c >>> 2, (c >>> 2) + rows * columns);
      });
      const [rowStep, columnStep] = isTransposed ? [1, rows] : [inner, 1];
      let exact = 0;
      for (let k = 0; k < inner; k++) {
        exact +=
          heap.f32[(a >>> 2) + (rows - 1) * rowStep + k * columnStep]! *
          heap.f32[(b >>> 2) + k * columns + columns - 1]!;
      }
      expect(results[0]!.at(-1)).toBeCloseTo(exact, 3);
      for (const other of results) expect(other).toEqual(results[0]);
    }
  }
});

test("a tile is chosen once for a build", async () => {
  const engine = await openEngine("simd");
  const context = contextOf(engine);
  const used = engine.heap.allocator.report().usedBytes;
  const tile = await chooseTile(context, "simd", false);
  expect(["6×8", "4×8"]).toContain(tileName(tile));
  expect(await chooseTile(context, "simd", false)).toBe(tile);
  expect(engine.heap.allocator.report().usedBytes).toBe(used);
});
