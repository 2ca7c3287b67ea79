// Products in subgroup matrices: the index arithmetic, emulated on any adapter with subgroups; what tuning
// believes; that Dawn takes the WGSL for every shape of matrices; and, where the adapter has some (lavapipe of
// Mesa 26 does), the real thing.

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runConformance } from "@sixtyone/backend-testkit";
import { createDevice } from "@sixtyone/tensor";
import { afterAll, describe, expect, it, vi } from "vitest";
import { openDevice, type MatrixConfig } from "../src/device/open-device.ts";
import type { WebGpuBackend } from "../src/index.ts";
import {
  matrixTilesFor,
  noMatrixTiles,
  type Component,
  type MatrixTile,
  type MatrixTiles,
} from "../src/kernels/matrix-tiles.ts";
import type { Grouping, OperandKind, ProductKind } from "../src/kernels/product-kind.ts";
import { productShader } from "../src/kernels/product-shader.ts";
import { chooseTile } from "../src/kernels/tiles.ts";
import { moduleText } from "../src/launch/shader.ts";
import { factsOf, tuningFor, type Tuning } from "../src/tuning.ts";
import { hasAdapter, openBackend } from "./adapter.ts";
import { emulateMatrices } from "./emulated-matrices.ts";
import { errorOf, type ProductShape } from "./product-error.ts";

vi.setConfig({ testTimeout: 300_000 });
process.env["XDG_CACHE_HOME"] = mkdtempSync(join(tmpdir(), "sixtyone-matrices-"));

const config = (componentType: Component, M: number, N: number, K: number): MatrixConfig => ({
  componentType,
  resultComponentType: "f32",
  M,
  N,
  K,
});
/** Those of NVIDIA and AMD, Intel, Apple; and one of no known device, in which all three differ. */
const configs = {
  "f16 16x16x16": config("f16", 16, 16, 16),
  "f16 8x16x16": config("f16", 8, 16, 16),
  "f16 8x8x8": config("f16", 8, 8, 8),
  "f32 8x8x8": config("f32", 8, 8, 8),
  "f16 16x8x32": config("f16", 16, 8, 32),
};
const tilesOf = (from: readonly MatrixConfig[], subgroup: number): MatrixTiles =>
  matrixTilesFor({ configs: from, subgroup, threads: 1024, bytes: 48 * 1024 });

/**
 * What a backend with emulated matrices believes in. A small tile of several blocks of several fragments stands
 * for the large ones, which take a software adapter minutes to compile.
 */
function smallTile({ M, N, K, componentType }: MatrixConfig): MatrixTiles {
  const component = componentType as Component;
  const tile: MatrixTile = {
    way: "matrices",
    name: "matrices 64x64",
    component,
    fragment: { M, N, K },
    threads: 4 * subgroup,
    down: 2,
    across: 2,
    blockRows: 2 * M,
    blockColumns: 2 * Math.max(N, 8),
    depth: 32,
  };
  return { ...noMatrixTiles, [component]: [tile] };
}

/** A backend that believes in matrices and has them emulated. */
async function emulating(
  tuning: Partial<Tuning>,
  sums: "f32" | "f16" = "f32",
): Promise<WebGpuBackend> {
  const backend = await openBackend({ tuning });
  emulateMatrices(backend.device, sums);
  return backend;
}

async function subgroupOf(): Promise<number> {
  if (!hasAdapter) return 0;
  const backend = await openBackend();
  const { features, adapterInfo } = backend.device;
  backend.dispose();
  const has = features.has("subgroups") && features.has("shader-f16");
  return has ? adapterInfo.subgroupMaxSize : 0;
}
const subgroup = await subgroupOf();

/** Aligned for reading four at a time, and ragged. */
const shapesOf = (dtype: Component): readonly ProductShape[] => [
  { batch: 1, rows: 132, columns: 68, inner: 36, dtype },
  { batch: 2, rows: 67, columns: 70, inner: 41, flipsA: true, flipsB: true, dtype },
];

describe.skipIf(subgroup === 0)("products in emulated matrices", () => {
  it.for(Object.entries(configs))("%s", async ([, of]) => {
    const matrixTiles = smallTile(of);
    const backend = await emulating({ matrixTiles, forcedTile: "matrices 64x64", groups: 16 });
    const device = createDevice(backend);
    using scope = device.scope();
    void scope;
    for (const shape of shapesOf(of.componentType as Component))
      expect(await errorOf(device, shape)).toBeLessThan(1);
    device.dispose();
  });

  it("are exact by tuning's measure", async () => {
    const backend = await emulating({ matrixTiles: smallTile(configs["f16 16x16x16"]) });
    const rated = (await backend.tune()).filter(({ tile }) => tile.startsWith("matrices"));
    expect(rated.map(({ dtype }) => dtype)).toEqual(["f16"]);
    expect(rated[0]!.rate).toBeGreaterThan(0);
    backend.dispose();
  });

  it("sums of less than f32 are refused, and plain tiles stay", async () => {
    const backend = await emulating({ matrixTiles: smallTile(configs["f16 16x16x16"]) }, "f16");
    const rated = (await backend.tune()).filter(({ tile }) => tile.startsWith("matrices"));
    expect(rated.map(({ rate }) => rate)).toEqual([0]);
    backend.dispose();
  });

  // Groups, batches, sums onto C, depth cut in parts.
  const forced = { matrixTiles: smallTile(configs["f32 8x8x8"]), groups: 16 };
  runConformance(
    {
      name: "webgpu in emulated matrices",
      create: () => emulating({ ...forced, forcedTile: "matrices 64x64" }),
    },
    ["fused"],
  );
});

describe("the choice of matrices", () => {
  const gpu = tuningFor({
    isSoftware: false,
    subgroup: 32,
    hasF16: true,
    matrixTiles: tilesOf([configs["f16 16x16x16"]], 32),
  });
  const size = { rows: 2048, columns: 2048, matrices: 1, bAlongDepth: false };
  const way = (tuning: Tuning, component: Component, rows = size.rows): string =>
    chooseTile(tuning, { ...size, rows, component }).way;

  it("is tuning's, and for large products of what was measured", () => {
    expect(way(gpu, "f16")).toBe("shared");
    const tuned: Tuning = { ...gpu, matrices: { f16: "matrices 128x64", f32: "matrices 64x64" } };
    expect(way(tuned, "f16")).toBe("matrices");
    expect(way(tuned, "f16", 64)).toBe("shared");
    // Remembered, and not there any more.
    expect(way(tuned, "f32")).toBe("shared");
    expect(way({ ...tuned, matrixTiles: tilesOf([], 32) }, "f16")).toBe("shared");
  });

  it("is among what fits the device", () => {
    const facts = { configs: [configs["f16 16x16x16"]], subgroup: 64, threads: 256, bytes: 16384 };
    const names = (more: Partial<typeof facts>): string[] =>
      matrixTilesFor({ ...facts, ...more }).f16.map(({ name }) => name);
    expect(names({})).toEqual(["matrices 64x64"]);
    expect(names({ bytes: 32768 })).toEqual(["matrices 64x64", "matrices 128x64"]);
    expect(names({ threads: 512, bytes: 32768 })).toHaveLength(3);
    expect(names({ threads: 128 })).toEqual([]);
    const halfSums = { ...configs["f16 16x16x16"], resultComponentType: "f16" };
    expect(names({ configs: [halfSums] })).toEqual([]);
    expect(names({ configs: [config("f16", 24, 16, 16)] })).toEqual([]);
    expect(names({ configs: [halfSums, ...Object.values(configs)] })).toHaveLength(1);
  });
});

/** Every text that products in `tile` may have. */
function kindsOf(tile: MatrixTile): ProductKind[] {
  const dtypes = tile.component === "f16" ? (["f16"] as const) : (["f32", "bf16"] as const);
  const operands = dtypes.flatMap((dtype) =>
    [false, true].flatMap((alongDepth): OperandKind[] => [
      { dtype, alongDepth, isVector: false },
      ...(dtype === "bf16" ? [] : [{ dtype, alongDepth, isVector: true }]),
    ]),
  );
  const groupings: readonly Grouping[] = ["none", "rows", "depth"];
  return operands.flatMap((a) =>
    operands.flatMap((b) =>
      groupings.map((grouping) => ({
        tile,
        a,
        b,
        batchRank: 2,
        grouping,
        accumulate: grouping === "depth",
        nativeF16: true,
        subgroup: 32,
      })),
    ),
  );
}

describe("Dawn's compiler takes products in matrices", async () => {
  // Its null backend has every feature and no driver: WGSL is read and checked, and nothing runs.
  const { create } = (await import("webgpu")) as { create(flags: string[]): GPU };
  const gpu = create(["backend=null", "enable-dawn-features=allow_unsafe_apis"]);
  const adapter = (await gpu.requestAdapter())!;
  const { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX } = adapter.limits;
  const device = await adapter.requestDevice({
    requiredFeatures: [
      "chromium-experimental-subgroup-matrix" as GPUFeatureName,
      "subgroups",
      "shader-f16",
    ],
    requiredLimits: { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX },
  });
  // Dawn's devices crash when their instance is collected before them.
  (globalThis as { nullInstance?: unknown }).nullInstance = [gpu, adapter, device];
  afterAll(() => device.destroy());
  const bytes = device.limits.maxComputeWorkgroupStorageSize;

  it.for(Object.entries(configs))("%s", async ([, of]) => {
    const facts = { configs: [of], subgroup: 32, threads: maxComputeInvocationsPerWorkgroup };
    const { f16, f32 } = matrixTilesFor({ ...facts, bytes: 2 ** 16 });
    const small = matrixTilesFor({ ...facts, bytes });
    expect(f16.length + f32.length).toBe(3);
    for (const tile of [...f16, ...f32]) {
      const fits = small[tile.component].some(({ name }) => name === tile.name);
      for (const kind of kindsOf(tile)) {
        const code = moduleText({ key: "", ...productShader(kind) });
        device.pushErrorScope("validation");
        const module = device.createShaderModule({ code });
        const { messages } = await module.getCompilationInfo();
        expect(messages.map(({ message }) => message)).toEqual([]);
        if (fits) device.createComputePipeline({ layout: "auto", compute: { module } });
        expect((await device.popErrorScope())?.message).toBeUndefined();
      }
    }
  });
});

/** Whether this machine's adapter has matrices of its own. */
async function ownTiles(): Promise<MatrixTiles> {
  if (!hasAdapter) return noMatrixTiles;
  const { device, matrixConfigs } = await openDevice({
    allowSoftware: true,
    subgroupMatrices: true,
  });
  const { matrixTiles = noMatrixTiles } = factsOf(device, true, matrixConfigs);
  device.destroy();
  return matrixTiles;
}
const own = await ownTiles();

describe.skipIf(own.f16.length + own.f32.length === 0)(
  "products in this adapter's matrices",
  () => {
    for (const { name, component } of [...own.f16, ...own.f32]) {
      it(`${name} ${component}`, async () => {
        const backend = await openBackend({
          subgroupMatrices: true,
          tuning: { forcedTile: name, groups: 16 },
        });
        const device = createDevice(backend);
        using scope = device.scope();
        void scope;
        for (const shape of shapesOf(component))
          expect(await errorOf(device, shape)).toBeLessThan(1);
        device.dispose();
      });
    }

    it("are as exact as tuning asks", async () => {
      const backend = await openBackend({ subgroupMatrices: true });
      const rated = (await backend.tune()).filter(({ tile }) => tile.startsWith("matrices"));
      expect(rated.length).toBe(own.f16.length + own.f32.length);
      for (const { rate } of rated) expect(rate).toBeGreaterThan(0);
      backend.dispose();
    });
  },
);
