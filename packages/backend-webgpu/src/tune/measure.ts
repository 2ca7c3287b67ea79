// Times products of large matrices in given tiles on this adapter. GPUs differ: no tile is the best everywhere.

import type { Operand } from "../kernels/product.ts";
import type { AnyTileName } from "../kernels/tiles.ts";
import type { Block } from "../memory/pool.ts";
import { multiplyIn, type Bench, type Operands } from "./bench.ts";

export interface TileTime<Name extends AnyTileName = AnyTileName> {
  readonly tile: Name;
  /** Of both operands. */
  readonly dtype: Operands;
  /** Of the fastest of several runs, in GFLOP/s. 0: the tile is not exact here, or the driver refused it. */
  readonly rate: number;
}

const rounds = 5;
/** Products in a round, so that submitting does not count. */
const repeats = 4;

/** Fastest first. */
export async function measureTiles<Name extends AnyTileName>(
  bench: Bench,
  dtype: Operands,
  tiles: readonly Name[],
): Promise<TileTime<Name>[]> {
  const { context, pool, finish } = bench;
  const side = context.tuning.isSoftware ? 256 : 2048;
  const memory = [0, 1, 2].map(() => pool.take(side * side * 4));
  const [a, b, c] = memory as [Block, Block, Block];
  const operand = (block: Block): Operand => ({
    block,
    dtype,
    offset: 0,
    rowStride: side,
    columnStride: 1,
  });
  const product = {
    rows: side,
    columns: side,
    inner: side,
    a: operand(a),
    b: operand(b),
    c: { block: c, offset: 0, rowStride: side },
  };
  const run = async (tile: Name): Promise<number> => {
    const start = performance.now();
    for (let i = 0; i < repeats; i++) multiplyIn(bench, tile, product);
    await finish();
    return performance.now() - start;
  };
  try {
    const best = new Map(tiles.map((tile) => [tile, Infinity]));
    for (let round = 0; round <= rounds; round++) {
      for (const tile of tiles) {
        const time = await run(tile);
        // The first round compiles.
        if (round > 0) best.set(tile, Math.min(best.get(tile)!, time));
      }
    }
    const rate = (time: number): number => (2 * side ** 3 * repeats) / time / 1e6;
    return [...best]
      .map(([tile, time]) => ({ tile, dtype, rate: rate(time) }))
      .sort((x, y) => y.rate - x.rate);
  } finally {
    for (const block of memory) pool.give(block);
  }
}
