// What measuring and checking products needs: square matrices in memory of the pool, and a way to run and
// read.

import type { DType } from "@sixtyone/tensor/backend";
import type { Context } from "../kernels/context.ts";
import { multiply, type Product } from "../kernels/product.ts";
import type { AnyTileName } from "../kernels/tiles.ts";
import type { Block, Pool } from "../memory/pool.ts";

export interface Bench {
  readonly context: Context;
  readonly pool: Pool;
  /** Waits for the device; rejects with what went wrong on it. */
  readonly finish: () => Promise<void>;
  readonly write: (block: Block, bytes: Uint8Array) => void;
  readonly read: (block: Block, byteLength: number) => Promise<Uint8Array>;
}

/** What products are measured and checked in. */
export type Operands = Extract<DType, "f32" | "f16">;

export function multiplyIn(
  { context: { engine, tuning } }: Bench,
  forcedTile: AnyTileName,
  product: Product,
): void {
  engine.op = "tune";
  multiply({ engine, tuning: { ...tuning, forcedTile } }, product);
  engine.endLaunch();
}
