// Which micro-kernel large products use: measured once per process, build and compiler mode, when the first backend
// starts. Six rows use twelve accumulators, right for sixteen registers and a fused multiply-add; four rows leave
// room for the products where there is none; sixteen columns want V8's 256-bit pairs. All add up in the same order,
// so the choice changes no bit of any result.
//
// Engines compile twice: fast, then well. A turn runs each candidate for a fraction of a millisecond and gives
// way in between; turns end when no candidate has become faster for a while.

import type { Tile } from "./engine.ts";
import type { Context } from "./kernels/context.ts";
import { multiply } from "./kernels/matmul.ts";
import type { BuildName } from "./load-module.ts";

const [rows, columns, inner] = [96, 64, 256];
const mostMilliseconds = 60;
const steadyTurns = 8;
/** A candidate must win by more than noise to replace the first, and a turn to count as faster. */
const winningMargin = 0.92;
const fasterMargin = 0.97;

const chosen = new Map<string, Promise<Tile>>();

export function tileName({ rows: height, isWide }: Tile): string {
  return `${height}×${isWide ? 16 : 8}`;
}

export function chooseTile(context: Context, build: BuildName, isWide: boolean): Promise<Tile> {
  const key = `${build} ${isWide}`;
  let tile = chosen.get(key);
  if (!tile) {
    tile = measure(context, build, isWide);
    chosen.set(key, tile);
  }
  return tile;
}

async function measure(context: Context, build: BuildName, isWide: boolean): Promise<Tile> {
  const six: Tile = { rows: 6, isWide: false };
  const four: Tile = { rows: 4, isWide: false };
  const candidates = build === "relaxed" ? [six, four] : [four, six];
  if (isWide) candidates.unshift({ rows: 6, isWide: true });
  const { engine } = context;
  const bytes = [rows * inner * 4, inner * columns * 4, rows * columns * 4] as const;
  const [a, b, c] = bytes.map((size) => engine.heap.allocator.alloc(size)) as [
    number,
    number,
    number,
  ];
  engine.heap.f32.fill(0.5, a >>> 2, (a + bytes[0]) >>> 2);
  engine.heap.f32.fill(0.25, b >>> 2, (b + bytes[1]) >>> 2);
  const best = candidates.map(() => Infinity);
  const end = performance.now() + mostMilliseconds;
  for (let steady = 0; steady < steadyTurns && performance.now() < end; steady++) {
    for (const [i, candidate] of candidates.entries()) {
      engine.tile = candidate;
      const start = performance.now();
      for (let repeat = 0; repeat < 4; repeat++) {
        multiply(
          context,
          {
            rows,
            columns,
            inner,
            a: { address: a, rowStride: inner, columnStride: 1, kind: 0 },
            b: { address: b, rowStride: columns, columnStride: 1, kind: 0 },
            c: { address: c, rowBytes: columns * 4 },
            accumulate: false,
            batch: [],
          },
          true,
        );
        engine.endLaunch();
      }
      const time = performance.now() - start;
      if (time < best[i]! * fasterMargin) steady = 0;
      if (time < best[i]!) best[i] = time;
    }
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
  }
  [a, b, c].forEach((address, i) => engine.heap.allocator.free(address, bytes[i]!));
  let winner = 0;
  for (let i = 1; i < best.length; i++) if (best[i]! < best[winner]! * winningMargin) winner = i;
  return candidates[winner]!;
}
