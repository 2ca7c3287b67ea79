// Launches linear + log-probability: a matrix product per chunk of the vocabulary, then a pass over its
// rows. Memory for the logits stays below a few megabytes whatever the vocabulary.

import type { Binding, LaunchOf } from "@sixtyone/tensor/backend";
import type { Block } from "../memory/pool.ts";
import { declarations } from "../wgsl/storage.ts";
import { blockOf, type Context } from "./context.ts";
import { elementParams, elementsFor, elementsText } from "./elements.ts";
import { multiply, type Operand } from "./product.ts";
import { rowText } from "./row-shader.ts";

/** Floats in a chunk of logits: 16 MiB. Part of the order of summation, so not to be tuned per machine. */
const chunkFloats = 2 ** 22;

function chunkColumns(rows: number, vocabulary: number): number {
  const wish = Math.max(64, Math.floor(chunkFloats / Math.max(rows, 1) / 64) * 64);
  return Math.min(wish, vocabulary);
}

const matrix = (
  block: Block,
  offset: number,
  rowStride: number,
  columnStride: number,
): Operand => ({
  block,
  dtype: "f32",
  offset,
  rowStride,
  columnStride,
});

interface Chunk {
  readonly first: number;
  readonly count: number;
  readonly logits: Block;
  /** Floats between the rows of the logits. */
  readonly stride: number;
}

/** Calls `visit` for each chunk with its logits, unscaled. */
function forEachChunk(
  context: Context,
  hidden: Binding,
  weight: Binding,
  visit: (chunk: Chunk) => void,
): void {
  const [rows, width] = hidden.shape as [number, number];
  const vocabulary = weight.shape[0]!;
  const stride = chunkColumns(rows, vocabulary);
  const logits = context.engine.temporary(rows * stride * 4);
  for (let first = 0; first < vocabulary; first += stride) {
    const count = Math.min(stride, vocabulary - first);
    multiply(context, {
      rows,
      columns: count,
      inner: width,
      a: matrix(blockOf(hidden), hidden.offset, width, 1),
      b: matrix(blockOf(weight), weight.offset + first * width, 1, width),
      c: { block: logits, offset: 0, rowStride: stride },
    });
    visit({ first, count, logits, stride });
  }
}

/**
 * Running state of a row: highest logit, Σ e^(l − highest), Σ e^(l − highest)·l and the target's logit,
 * merged chunk by chunk (Milakov & Gimelshein 2018).
 */
export function linearLogProb(
  { params, inputs, outputs }: LaunchOf<"linearLogProb">,
  context: Context,
): void {
  const { engine, tuning } = context;
  const [hidden, weight, targets] = inputs as [Binding, Binding, Binding];
  const [rows, vocabulary] = [hidden.shape[0]!, weight.shape[0]!];
  const text = rowText(tuning, vocabulary < 64);
  const { loop, combine, once } = text;
  const state = engine.temporary(rows * 16);
  forEachChunk(context, hidden, weight, ({ first, count, logits, stride }) => {
    engine.dispatch({
      key: `linearLogProb ${text.key}`,
      shader: () => ({
        params: [
          "rows:u32",
          "columns:u32",
          "first:u32",
          "stride:u32",
          "targets:u32",
          "isLast:u32",
          "scale:f32",
          "logp:u32",
          "lse:u32",
          "entropy:u32",
        ],
        reads: ["f32", "i32"],
        writes: ["vec4<f32>", "f32", "f32", "f32"],
        workgroup: text.workgroup,
        directives: text.directives,
        declarations: declarations(["special", "expF", "logF"], false) + text.declarations,
        body: `${text.begin}
  let start = row * P.stride;
  var best = -infinity();
${loop("    best = max(best, P.scale * in0[start + i]);")}
${combine("highest", "best", "max")}
  var part = 0.0;
  var weighted = 0.0;
${loop(`    let l = P.scale * in0[start + i];
    let e = expF(l - highest);
    part = part + e;
    weighted = weighted + e * (l - highest);`)}
${combine("total", "part")}
${combine("weightedTotal", "weighted")}
${once(`    var s = vec4<f32>(highest, total, weightedTotal, 0.0);
    let wanted = in1[P.targets + row] - i32(P.first);
    if (P.first > 0u) {
      let old = out0[row];
      let top = max(old.x, highest);
      let a = expF(old.x - top);
      let b = expF(highest - top);
      s.x = top;
      s.y = old.y * a + total * b;
      s.z = a * (old.z + (old.x - top) * old.y) + b * (weightedTotal + (highest - top) * total);
      s.w = old.w;
    }
    if (wanted >= 0 && wanted < i32(P.columns)) { s.w = P.scale * in0[start + u32(wanted)]; }
    out0[row] = s;
    if (P.isLast != 0u) {
      let logTotal = logF(s.y);
      out1[P.logp + row] = s.w - s.x - logTotal;
      out2[P.lse + row] = s.x + logTotal;
      out3[P.entropy + row] = logTotal - s.z / s.y;
    }`)}`,
      }),
      params: [
        rows,
        count,
        first,
        stride,
        targets.offset,
        first + count === vocabulary ? 1 : 0,
        params.scale,
        ...outputs.map(({ offset }) => offset),
      ],
      reads: [logits, blockOf(targets)],
      writes: [state, ...outputs.map(blockOf)],
      groups: text.groups(rows),
    });
  });
}

/** dlogits = scale · dlogp · (onehot − softmax), then two products a chunk. */
export function linearLogProbBackward(
  { params, inputs, outputs }: LaunchOf<"linearLogProbBackward">,
  context: Context,
): void {
  const { engine, tuning } = context;
  const [dlogp, hidden, weight, targets, lse] = inputs as [
    Binding,
    Binding,
    Binding,
    Binding,
    Binding,
  ];
  const [rows, width] = hidden.shape as [number, number];
  const [dhidden, dweight] = outputs as [Binding, Binding];
  forEachChunk(context, hidden, weight, ({ first, count, logits, stride }) => {
    const { numbers, groups } = elementsFor(tuning, rows * count);
    engine.dispatch({
      key: "linearLogProbBackward",
      shader: () => ({
        params: [
          ...elementParams,
          "columns:u32",
          "first:u32",
          "stride:u32",
          "dlogp:u32",
          "targets:u32",
          "lse:u32",
          "scale:f32",
        ],
        reads: ["f32", "i32", "f32"],
        writes: ["f32"],
        workgroup: tuning.workgroup,
        declarations: declarations(["expF"], false),
        body: elementsText(
          tuning,
          `
  let row = i / P.columns;
  let column = i % P.columns;
  let at = row * P.stride + column;
  let p = expF(P.scale * out0[at] - in2[P.lse + row]);
  let hit = in1[P.targets + row] == i32(P.first + column);
  out0[at] = P.scale * in0[P.dlogp + row] * (select(0.0, 1.0, hit) - p);`,
        ),
      }),
      params: [
        ...numbers,
        count,
        first,
        stride,
        dlogp.offset,
        targets.offset,
        lse.offset,
        params.scale,
      ],
      reads: [blockOf(dlogp), blockOf(targets), blockOf(lse)],
      writes: [logits],
      groups,
    });
    multiply(context, {
      rows,
      columns: width,
      inner: count,
      a: matrix(logits, 0, stride, 1),
      b: matrix(blockOf(weight), weight.offset + first * width, width, 1),
      c: { block: blockOf(dhidden), offset: dhidden.offset, rowStride: width },
      accumulate: first > 0,
    });
    multiply(context, {
      rows: count,
      columns: width,
      inner: rows,
      a: matrix(logits, 0, 1, stride),
      b: matrix(blockOf(hidden), hidden.offset, width, 1),
      c: { block: blockOf(dweight), offset: dweight.offset + first * width, rowStride: width },
    });
  });
}
