// Every tile that products can be computed in, forced where this adapter would not choose it, against sums in
// float64; and the choice among them.

import { createDevice } from "@sixtyone/tensor";
import { describe, expect, it } from "vitest";
import { tileSize } from "../src/kernels/product-shader.ts";
import { chooseTile, type TileName } from "../src/kernels/tiles.ts";
import { tuningFor } from "../src/tuning.ts";
import { hasAdapter, openBackend } from "./adapter.ts";
import { errorOf, type ProductShape } from "./product-error.ts";

/** Sizes that are multiples of four are staged four at a time, the others one by one. */
const whole: ProductShape = { batch: 1, rows: 132, columns: 68, inner: 36 };
const ragged: ProductShape = {
  batch: 2,
  rows: 65,
  columns: 33,
  inner: 17,
  flipsA: true,
  flipsB: true,
};
/** Long enough for the depth to be cut in parts. */
const deep: ProductShape = { batch: 1, rows: 3, columns: 70, inner: 1100, flipsB: true };
const half: ProductShape = { batch: 1, rows: 20, columns: 40, inner: 24, dtype: "f16" };
const brain: ProductShape = { batch: 1, rows: 20, columns: 39, inner: 24, dtype: "bf16" };

describe.skipIf(!hasAdapter)("products in every tile", () => {
  const tiles: readonly TileName[] = [
    "128x64",
    "64x64",
    "32x32",
    "64x32",
    "32x64",
    "16x64",
    "8x8",
    "vector",
    "dot",
    "direct",
    "subgroup",
  ];
  it.for(tiles)("%s", { timeout: 300_000 }, async (forcedTile) => {
    const device = createDevice(await openBackend({ tuning: { forcedTile, groups: 16 } }));
    using scope = device.scope();
    void scope;
    for (const shape of [whole, ragged, deep]) expect(await errorOf(device, shape)).toBeLessThan(1);
    if (forcedTile === "8x8" || forcedTile === "subgroup") {
      for (const shape of [half, brain]) expect(await errorOf(device, shape)).toBeLessThan(1);
    }
    device.dispose();
  });

  it("f16 as bits, and no subgroups, where the adapter lacks them", async () => {
    const device = createDevice(await openBackend({ tuning: { hasF16: false, subgroup: 0 } }));
    using scope = device.scope();
    void scope;
    for (const shape of [half, brain, deep, ragged])
      expect(await errorOf(device, shape)).toBeLessThan(1);
    device.dispose();
  });
});

describe("the choice of a tile", () => {
  const gpu = tuningFor({ isSoftware: false, subgroup: 32, hasF16: true });
  const tile = (rows: number, columns: number, bAlongDepth = false): string => {
    const chosen = chooseTile(gpu, {
      rows,
      columns,
      matrices: 1,
      bAlongDepth,
      component: "f32",
    });
    return chosen.way === "shared" ? tileSize(chosen).join("x") : chosen.way;
  };

  it("on a GPU goes by the shape", () => {
    expect(tile(1, 4096, true)).toBe("dot");
    expect(tile(1, 4096)).toBe("direct");
    expect(tile(16, 4096)).toBe("16x64");
    expect(tile(32, 4096)).toBe("32x64");
    expect(tile(64, 4096)).toBe("64x32");
    expect(tile(256, 256)).toBe("32x32");
    expect(tile(1024, 1024)).toBe("64x64");
    expect(tile(4096, 4096)).toBe("128x64");
  });

  it("on a software adapter needs no barriers", () => {
    const software = tuningFor({ isSoftware: true, subgroup: 8, hasF16: true });
    for (const rows of [1, 7, 64, 4096]) {
      const size = {
        rows,
        columns: 512,
        matrices: 1,
        bAlongDepth: true,
        component: "f32" as const,
      };
      expect(chooseTile(software, size).way).toBe("subgroup");
      expect(chooseTile({ ...software, subgroup: 0 }, size).way).toBe("direct");
    }
  });
});
