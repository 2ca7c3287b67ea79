// Finds the tile that this adapter multiplies large matrices fastest with. GPUs differ: no tile is the best
// everywhere. Every tile adds up a product's terms in the same order, so the choice does not show in results.

import type { Context } from "../kernels/context.ts";
import { multiply, type Operand } from "../kernels/product.ts";
import type { TileName } from "../kernels/tiles.ts";
import type { Block, Pool } from "../memory/pool.ts";

export interface TileTime {
  readonly tile: TileName;
  /** Of the fastest of several runs, in GFLOP/s. */
  readonly rate: number;
}

const candidates: readonly TileName[] = ["128x64", "64x64", "64x64 of 64", "128x128"];
const withoutBarriers: readonly TileName[] = ["subgroup", "direct"];
const rounds = 5;
/** Products in a round, so that submitting does not count. */
const repeats = 4;

/** `finish` waits for the device. Fastest first. */
export async function measureTiles(
  context: Context,
  pool: Pool,
  finish: () => Promise<void>,
): Promise<TileTime[]> {
  const { engine, tuning } = context;
  const side = tuning.isSoftware ? 256 : 2048;
  const memory = [0, 1, 2].map(() => pool.take(side * side * 4));
  const [a, b, c] = memory as [Block, Block, Block];
  const operand = (block: Block): Operand => ({
    block,
    dtype: "f32",
    offset: 0,
    rowStride: side,
    columnStride: 1,
  });
  const run = async (tile: TileName): Promise<number> => {
    const start = performance.now();
    for (let i = 0; i < repeats; i++) {
      multiply(
        { engine, tuning: { ...tuning, forcedTile: tile } },
        {
          rows: side,
          columns: side,
          inner: side,
          a: operand(a),
          b: operand(b),
          c: { block: c, offset: 0, rowStride: side },
        },
      );
      engine.endLaunch();
    }
    await finish();
    return performance.now() - start;
  };
  try {
    const tiles = tuning.isSoftware
      ? withoutBarriers
      : [...candidates, ...(tuning.subgroup > 0 ? ["subgroup" as const] : [])];
    const best = new Map(tiles.map((tile) => [tile, Infinity]));
    engine.op = "tune";
    for (let round = 0; round <= rounds; round++) {
      for (const tile of tiles) {
        const time = await run(tile);
        // The first round compiles.
        if (round > 0) best.set(tile, Math.min(best.get(tile)!, time));
      }
    }
    const rate = (time: number): number => (2 * side ** 3 * repeats) / time / 1e6;
    return [...best]
      .map(([tile, time]) => ({ tile, rate: rate(time) }))
      .sort((x, y) => y.rate - x.rate);
  } finally {
    for (const block of memory) pool.give(block);
  }
}
