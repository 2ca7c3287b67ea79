// Launches linear + log-probability: a matrix product per chunk of the vocabulary, then a pass over its
// rows. Memory for the logits stays below a few megabytes whatever the vocabulary.

import { IndexError, type Binding, type LaunchOf } from "@sixtyone/tensor/backend";
import { floatBits } from "../map/compile.ts";
import type { WasmBuffer } from "../buffer.ts";
import { addressOf, type Context } from "./context.ts";
import { multiply } from "./matmul.ts";

/** Floats in a chunk of logits: 4 MiB, part of the order of summation, so not to be tuned per machine. */
const chunkFloats = 2 ** 20;

function chunkColumns(rows: number, vocabulary: number): number {
  const wish = Math.max(64, Math.floor(chunkFloats / Math.max(rows, 1) / 8) * 8);
  return Math.min(wish, Math.ceil(vocabulary / 8) * 8);
}

const matrix = (address: number, rowStride: number, columnStride: number) => ({
  address,
  rowStride,
  columnStride,
  kind: 0,
});

/** A target outside the vocabulary would give a plausible number, or somebody else's memory. */
function checkTargets({ engine }: Context, op: string, targets: Binding, vocabulary: number): void {
  const first = addressOf(targets) >>> 2;
  const count = targets.shape[0]!;
  engine.onHost(() => {
    const { i32 } = engine.heap;
    for (let row = 0; row < count; row++) {
      const target = i32[first + row]!;
      if (target >= 0 && target < vocabulary) continue;
      throw new IndexError(
        `${op}: target ${target} in row ${row} is outside the vocabulary of ${vocabulary}. ` +
          `Targets must be in 0..${vocabulary - 1}.`,
      );
    }
  });
}

interface Chunk {
  readonly first: number;
  readonly count: number;
  readonly isLast: boolean;
}

/** Calls `visit` for each chunk with its logits, unscaled, in a buffer of rows of `ld` floats. */
function forEachChunk(
  context: Context,
  hidden: Binding,
  weight: Binding,
  visit: (chunk: Chunk, logits: number, ld: number) => void,
): void {
  const [rows, width] = hidden.shape as [number, number];
  const vocabulary = weight.shape[0]!;
  const ld = chunkColumns(rows, vocabulary);
  const logits = context.engine.temporary(rows * ld * 4);
  const sources = [weight.buffer as WasmBuffer];
  for (let first = 0; first < vocabulary; first += ld) {
    const count = Math.min(ld, vocabulary - first);
    multiply(context, {
      rows,
      columns: count,
      inner: width,
      a: matrix(addressOf(hidden), width, 1),
      b: { ...matrix(addressOf(weight) + first * width * 4, 1, width), sources },
      c: { address: logits, rowBytes: ld * 4 },
      accumulate: false,
      batch: [],
    });
    visit({ first, count, isLast: first + count === vocabulary }, logits, ld);
  }
}

function writeChunk(
  { engine }: Context,
  { first, count, isLast }: Chunk,
  logits: number,
  ld: number,
  targets: Binding,
  state: number,
  scale: number,
  rows: readonly Binding[],
): number {
  const at = engine.block(11);
  const { i32 } = engine.heap;
  i32[at] = logits;
  i32[at + 1] = ld * 4;
  i32[at + 2] = first;
  i32[at + 3] = count;
  i32[at + 4] = addressOf(targets);
  i32[at + 5] = state;
  i32[at + 6] = floatBits(scale);
  i32[at + 7] = isLast ? 1 : 0;
  rows.forEach((view, i) => (i32[at + 8 + i] = addressOf(view)));
  return at * 4;
}

export function linearLogProb(
  { op, params, inputs, outputs }: LaunchOf<"linearLogProb">,
  context: Context,
): void {
  const { engine } = context;
  const [hidden, weight, targets] = inputs as [Binding, Binding, Binding];
  const rows = hidden.shape[0]!;
  checkTargets(context, op, targets, weight.shape[0]!);
  const state = engine.temporary(rows * 16);
  forEachChunk(context, hidden, weight, (chunk, logits, ld) => {
    const block = writeChunk(context, chunk, logits, ld, targets, state, params.scale, outputs);
    engine.job(engine.kernels.logProbChunk!, block, rows, rows * chunk.count);
  });
}

export function linearLogProbBackward(
  { op, params, inputs, outputs }: LaunchOf<"linearLogProbBackward">,
  context: Context,
): void {
  const { engine } = context;
  const [dlogp, hidden, weight, targets, lse] = inputs as [
    Binding,
    Binding,
    Binding,
    Binding,
    Binding,
  ];
  const [rows, width] = hidden.shape as [number, number];
  checkTargets(context, op, targets, weight.shape[0]!);
  forEachChunk(context, hidden, weight, (chunk, logits, ld) => {
    const block = writeChunk(context, chunk, logits, ld, targets, 0, params.scale, [dlogp, lse]);
    engine.job(engine.kernels.logProbGradient!, block, rows, rows * chunk.count);
    const { first, count } = chunk;
    multiply(context, {
      rows,
      columns: width,
      inner: count,
      a: matrix(logits, ld, 1),
      b: {
        ...matrix(addressOf(weight) + first * width * 4, width, 1),
        sources: [weight.buffer as WasmBuffer],
      },
      c: { address: addressOf(outputs[0]!), rowBytes: width * 4 },
      accumulate: first > 0,
      batch: [],
    });
    multiply(context, {
      rows: count,
      columns: width,
      inner: rows,
      a: matrix(logits, 1, ld),
      b: matrix(addressOf(hidden), width, 1),
      c: { address: addressOf(outputs[1]!) + first * width * 4, rowBytes: width * 4 },
      accumulate: false,
      batch: [],
    });
  });
}
