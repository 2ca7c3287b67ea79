// Finds what this adapter multiplies large matrices fastest with: a tile of threads, and subgroup matrices
// where there are some, they are as exact, and they win. Tiles of threads all add up a product's terms in the
// same order, so the choice among them does not show in results; matrices add up in an order of their own.

import type { MatrixTileName } from "../kernels/matrix-tiles.ts";
import type { TileName } from "../kernels/tiles.ts";
import type { Bench } from "./bench.ts";
import { isExact } from "./exactness.ts";
import { measureTiles, type TileTime } from "./measure.ts";
import type { Remembered } from "./memory.ts";

const staged: readonly TileName[] = ["128x64", "64x64", "64x64 of 64", "128x128"];
const withoutBarriers: readonly TileName[] = ["subgroup", "direct"];

export interface Tuned {
  readonly found: Remembered;
  readonly times: readonly TileTime[];
}

/** Tiles of f32 by threads, fastest first; then, for each dtype that there are matrices for, all its tiles. */
export async function tuneProducts(bench: Bench): Promise<Tuned> {
  const { tuning } = bench.context;
  const candidates = tuning.isSoftware
    ? withoutBarriers
    : [...staged, ...(tuning.subgroup > 0 ? ["subgroup" as const] : [])];
  const byThreads = await measureTiles(bench, "f32", candidates);
  const largeTile = byThreads[0]!.tile;
  const times: TileTime[] = [...byThreads];
  // What was found before stands where this device cannot say: opened without its matrices.
  const matrices: { f16?: MatrixTileName; f32?: MatrixTileName } = { ...tuning.matrices };
  for (const dtype of ["f16", "f32"] as const) {
    const names = tuning.matrixTiles[dtype].map(({ name }) => name);
    if (names.length === 0) continue;
    const exact: MatrixTileName[] = [];
    for (const name of names) {
      if (await isExact(bench, name, largeTile, dtype)) exact.push(name);
    }
    const rated = await measureTiles(bench, dtype, [largeTile, ...exact]);
    const fastest = exact.find((name) => name === rated[0]!.tile);
    if (fastest) matrices[dtype] = fastest;
    else delete matrices[dtype];
    const refused = names.filter((name) => !exact.includes(name));
    times.push(...rated, ...refused.map((tile) => ({ tile, dtype, rate: 0 })));
  }
  return { found: { largeTile, matrices }, times };
}
