// Every tile that products can be computed in, forced where this adapter would not choose it, against sums in
// float64; and the choice among them.

import { createDevice, tensor, type DType, type Tensor } from "@sixtyone/tensor";
import { describe, expect, it } from "vitest";
import { chooseTile, type TileName } from "../src/kernels/tiles.ts";
import { tuningFor } from "../src/tuning.ts";
import { hasAdapter, openBackend } from "./adapter.ts";

interface Shape {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  /** Stored transposed. */
  readonly flipsA?: boolean;
  readonly flipsB?: boolean;
  readonly dtype?: DType;
}

/** Sizes that are multiples of four are staged four at a time, the others one by one. */
const whole: Shape = { batch: 1, rows: 132, columns: 68, inner: 36 };
const ragged: Shape = { batch: 2, rows: 65, columns: 33, inner: 17, flipsA: true, flipsB: true };
/** Long enough for the depth to be cut in parts. */
const deep: Shape = { batch: 1, rows: 3, columns: 70, inner: 1100, flipsB: true };
const half: Shape = { batch: 1, rows: 20, columns: 40, inner: 24, dtype: "f16" };
const brain: Shape = { batch: 1, rows: 20, columns: 39, inner: 24, dtype: "bf16" };

let state = 1;
function random(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 31 - 1;
}

/** The largest error in units of what rounding allows. */
async function errorOf(device: ReturnType<typeof createDevice>, shape: Shape): Promise<number> {
  const {
    batch: B,
    rows: M,
    columns: N,
    inner: K,
    flipsA = false,
    flipsB = false,
    dtype = "f32",
  } = shape;
  const make = async (
    rows: number,
    columns: number,
    flips: boolean,
  ): Promise<{ x: Tensor; at: (b: number, i: number, j: number) => number }> => {
    const values = Float32Array.from({ length: B * rows * columns }, random);
    const stored = tensor(device, values, {
      shape: flips ? [B, columns, rows] : [B, rows, columns],
    }).cast(dtype);
    const rounded = (await stored.cast("f32").data()) as Float32Array;
    const at = (b: number, i: number, j: number): number =>
      rounded[b * rows * columns + (flips ? j * rows + i : i * columns + j)]!;
    return { x: flips ? stored.permute([0, 2, 1]) : stored, at };
  };
  const [a, b] = [await make(M, K, flipsA), await make(K, N, flipsB)];
  const c = (await a.x.matmul(b.x).cast("f32").data()) as Float32Array;
  let worst = 0;
  for (let q = 0; q < B; q++) {
    for (let i = 0; i < M; i++) {
      for (let j = 0; j < N; j++) {
        let [sum, size] = [0, 0];
        for (let k = 0; k < K; k++) {
          const term = a.at(q, i, k) * b.at(q, k, j);
          sum += term;
          size += Math.abs(term);
        }
        const unit = dtype === "f32" ? 2 ** -24 * K : 2 ** (dtype === "f16" ? -10 : -7);
        worst = Math.max(worst, Math.abs(c[(q * M + i) * N + j]! - sum) / (unit * size + 1e-30));
      }
    }
  }
  return worst;
}

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
    const { way, threadsX, threadsY, perX, perY } = chooseTile(gpu, {
      rows,
      columns,
      matrices: 1,
      bAlongDepth,
    });
    return way === "shared" ? `${threadsY * perY}x${threadsX * perX}` : way;
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
      const size = { rows, columns: 512, matrices: 1, bAlongDepth: true };
      expect(chooseTile(software, size).way).toBe("subgroup");
      expect(chooseTile({ ...software, subgroup: 0 }, size).way).toBe("direct");
    }
  });
});
