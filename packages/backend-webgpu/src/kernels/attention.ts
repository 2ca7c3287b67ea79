// Launches attention and its backward pass. GPUs do it in one pass over the keys (flash.ts). Software
// adapters, and heads too wide for that, do batched products around a pass over rows of scores: heads are
// taken a few at a time, so that the scores stay within a fixed memory whatever the batch. Sums run in a
// fixed order and nothing is atomic (two products give dq and dk instead of one pass that adds to both).

import { isContiguous, type Binding, type LaunchOf } from "@sixtyone/tensor/backend";
import type { Block } from "../memory/pool.ts";
import { declarations } from "../wgsl/storage.ts";
import { flashBackward, mostBackwardWidth } from "./flash-backward.ts";
import { flashForward, mostWidth } from "./flash.ts";
import { blockOf, temporaryView, type Context } from "./context.ts";
import { copyView } from "./copy.ts";
import { multiply, type Operand } from "./product.ts";
import { rowText } from "./row-shader.ts";

/** Floats of scores at a time: 64 MiB. */
const chunkFloats = 2 ** 24;

interface Options {
  readonly scale: number;
  readonly causal: boolean;
  readonly masked: boolean;
}

/** Some heads of one batch, or some batches with all their heads. */
interface Chunk {
  readonly batch: number;
  readonly batches: number;
  readonly head: number;
  readonly heads: number;
}

function chunksOf(B: number, H: number, scores: number): Chunk[] {
  const most = Math.max(1, Math.floor(chunkFloats / Math.max(scores, 1)));
  const chunks: Chunk[] = [];
  if (most >= H) {
    const step = Math.floor(most / H);
    for (let batch = 0; batch < B; batch += step) {
      chunks.push({ batch, batches: Math.min(step, B - batch), head: 0, heads: H });
    }
    return chunks;
  }
  for (let batch = 0; batch < B; batch++) {
    for (let head = 0; head < H; head += most) {
      chunks.push({ batch, batches: 1, head, heads: Math.min(most, H - head) });
    }
  }
  return chunks;
}

function part(view: Binding, { batch, batches, head, heads }: Chunk): Binding {
  const [, , rows, columns] = view.shape as [number, number, number, number];
  const offset = view.offset + batch * view.strides[0]! + head * view.strides[1]!;
  return { ...view, shape: [batches, heads, rows, columns], offset };
}

function flipped(view: Binding): Binding {
  const [b, h, rows, columns] = view.shape as [number, number, number, number];
  const [sb, sh, sr, sc] = view.strides as [number, number, number, number];
  return { ...view, shape: [b, h, columns, rows], strides: [sb, sh, sc, sr] };
}

function operand(view: Binding): Operand {
  const [rowStride, columnStride] = [view.strides[2]!, view.strides[3]!];
  return { block: blockOf(view), dtype: view.dtype, offset: view.offset, rowStride, columnStride };
}

/** `out` (contiguous, some heads of it) = a · b for all of the chunk's heads. */
function product(context: Context, a: Binding, b: Binding, out: Binding): void {
  const [B, H, rows, inner] = a.shape as [number, number, number, number];
  const columns = b.shape[3]!;
  const batch = [
    { size: B, a: a.strides[0]!, b: b.strides[0]! },
    { size: H, a: a.strides[1]!, b: b.strides[1]! },
  ];
  multiply(context, {
    rows,
    columns,
    inner,
    a: operand(a),
    b: operand(b),
    batch,
    c: { block: blockOf(out), offset: out.offset, rowStride: columns },
  });
}

const shapeParams = [
  "rows:u32",
  "columns:u32",
  "T:u32",
  "H:u32",
  "lse:u32",
  "causal:u32",
  "masked:u32",
  "scale:f32",
  "mask:i32",
  "m0:i32",
  "m1:i32",
  "m2:i32",
  "m3:i32",
];

/** Before the row's loops: how many keys the query sees, and where its mask starts. */
const rowLines = `
  let t = i32(row % P.T);
  let head = row / P.T;
  let all = i32(P.columns);
  let seen = u32(select(all, clamp(t + all - i32(P.T) + 1, 0, all), P.causal != 0u));
  let maskRow = P.mask + i32(head / P.H) * P.m0 + i32(head % P.H) * P.m1 + t * P.m2;`;

const scoreText = (score: string, mask: string): string =>
  `(P.scale * ${score} + select(0.0, ${mask}[maskRow + i32(i) * P.m3 * i32(P.masked)], P.masked != 0u))`;

function shapeNumbers(
  { scale, causal, masked }: Options,
  chunk: Chunk,
  T: number,
  S: number,
  lse: number,
  mask: Binding | undefined,
): number[] {
  const { heads, batches } = chunk;
  const own = mask && part(mask, chunk);
  return [
    batches * heads * T,
    S,
    T,
    heads,
    lse,
    causal ? 1 : 0,
    masked ? 1 : 0,
    scale,
    own?.offset ?? 0,
    ...(own?.strides ?? [0, 0, 0, 0]),
  ];
}

const isNarrow = (views: readonly Binding[], most: number): boolean =>
  views.every(({ shape }) => shape[3]! > 0 && shape[3]! <= most);

export function attention(launch: LaunchOf<"attention">, context: Context): void {
  const { params, inputs, outputs } = launch;
  const { engine, tuning } = context;
  if (tuning.lanes > 1 && isNarrow(inputs.slice(0, 3), mostWidth)) {
    flashForward(launch, context);
    return;
  }
  const [q, k, v, mask] = inputs as [Binding, Binding, Binding, Binding | undefined];
  const [o, lse] = outputs as [Binding, Binding];
  const [B, H, T] = q.shape as [number, number, number];
  const S = k.shape[2]!;
  const chunks = chunksOf(B, H, T * S);
  const text = rowText(tuning, S < 64);
  const { loop, combine, once } = text;
  for (const chunk of chunks) {
    const { batch, batches, head, heads } = chunk;
    const scores = scoresOf(context, chunk, T, S);
    product(context, part(q, chunk), flipped(part(k, chunk)), scores);
    engine.dispatch({
      key: `attention ${text.key}`,
      shader: () => ({
        params: shapeParams,
        reads: ["f32"],
        writes: ["f32", "f32"],
        workgroup: text.workgroup,
        directives: text.directives,
        declarations: declarations(["special", "expF", "logF"], false) + text.declarations,
        body: `${text.begin}
  let start = row * P.columns;
${rowLines}
  var best = -infinity();
  var broken = 0.0;
${loop(
  `    let x = ${scoreText("out0[start + i]", "in0")};
    out0[start + i] = x;
    if (isNan(x)) { broken = 1.0; }
    best = max(best, x);`,
  "seen",
)}
${combine("highest", "best", "max")}
${combine("anyNan", "broken", "max")}
  let isBlind = highest == -infinity();
  var part = 0.0;
${loop(
  `    let e = select(expF(out0[start + i] - highest), 0.0, isBlind);
    out0[start + i] = e;
    part = part + e;`,
  "seen",
)}
${combine("total", "part")}
  var scale = select(1.0 / total, 0.0, isBlind);
  if (anyNan > 0.0) { scale = nan(); }
${loop("    out0[start + i] = select(0.0, out0[start + i] * scale, i < seen);")}
${once("  out1[P.lse + row] = select(highest + logF(total), -infinity(), isBlind);")}`,
      }),
      params: shapeNumbers(params, chunk, T, S, lse.offset + (batch * H + head) * T, mask),
      // What is bound in the place of a missing mask is not read.
      reads: [blockOf(mask ?? q)],
      writes: [blockOf(scores), blockOf(lse)],
      groups: text.groups(batches * heads * T),
    });
    product(context, scores, part(v, chunk), part(o, chunk));
  }
}

function scoresOf(context: Context, { batches, heads }: Chunk, T: number, S: number): Binding {
  return temporaryView(context, "f32", [batches, heads, T, S]);
}

export function attentionBackward(launch: LaunchOf<"attentionBackward">, context: Context): void {
  const { params, inputs, outputs } = launch;
  const { engine, tuning } = context;
  const [given, q, k, v, o, lse, mask] = inputs as [
    Binding,
    Binding,
    Binding,
    Binding,
    Binding,
    Binding,
    Binding | undefined,
  ];
  const [dq, dk, dv] = outputs as [Binding, Binding, Binding];
  const [B, H, T] = q.shape as [number, number, number];
  const S = k.shape[2]!;
  const dout = contiguous(context, given);
  if (tuning.lanes > 1 && isNarrow([q, k, v], mostBackwardWidth)) {
    const rows = rowDots(context, dout, o, lse);
    flashBackward(launch, context, { dout, q, k, v, lse, mask, rows }, [dq, dk, dv]);
    return;
  }
  const dots = rowDots(context, dout, o);
  const chunks = chunksOf(B, H, T * S * 2);
  const first = chunks[0];
  if (!first) return;
  const probabilities = scoresOf(context, first, T, S);
  const gradients = scoresOf(context, first, T, S);
  for (const chunk of chunks) {
    const { batch, batches, head, heads } = chunk;
    const shape = [batches, heads, T, S];
    const p = { ...probabilities, shape };
    const ds = { ...gradients, shape };
    product(context, part(q, chunk), flipped(part(k, chunk)), p);
    product(context, part(dout, chunk), flipped(part(v, chunk)), ds);
    engine.dispatch({
      key: "attentionBackward",
      shader: () => ({
        params: [...shapeParams, "dots:u32"],
        reads: ["f32", "f32", "f32"],
        writes: ["f32", "f32"],
        workgroup: tuning.workgroup,
        declarations: declarations(["special", "expF"], false),
        body: `
  if (thread >= P.rows * P.columns) { return; }
  let row = thread / P.columns;
  let i = thread % P.columns;
${rowLines}
  let rowLse = in1[P.lse + row];
  let isHidden = i >= seen || rowLse == -infinity();
  let x = ${scoreText("out0[thread]", "in0")};
  let p = select(expF(x - rowLse), 0.0, isHidden);
  out0[thread] = p;
  out1[thread] = select(P.scale * p * (out1[thread] - in2[P.dots + row]), 0.0, isHidden);`,
      }),
      params: [
        ...shapeNumbers(params, chunk, T, S, lse.offset + (batch * H + head) * T, mask),
        (batch * H + head) * T,
      ],
      reads: [blockOf(mask ?? q), blockOf(lse), dots],
      writes: [blockOf(p), blockOf(ds)],
      groups: Math.ceil((batches * heads * T * S) / tuning.workgroup),
    });
    product(context, flipped(p), part(dout, chunk), part(dv, chunk));
    product(context, ds, part(k, chunk), part(dq, chunk));
    product(context, flipped(ds), part(q, chunk), part(dk, chunk));
  }
}

function contiguous(context: Context, view: Binding): Binding {
  if (isContiguous(view.shape, view.strides)) return view;
  const copy = temporaryView(context, "f32", view.shape);
  copyView(context, view, copy);
  return copy;
}

/** Σ_d do · o of every row: what softmax's gradient subtracts. With `lse`, pairs of it and the row's lse. */
function rowDots({ engine, tuning }: Context, dout: Binding, o: Binding, lse?: Binding): Block {
  const [B, H, T, D] = o.shape as [number, number, number, number];
  const dots = engine.temporary(Math.max(8, B * H * T * (lse ? 8 : 4)));
  engine.dispatch({
    key: `attention dots ${lse !== undefined}`,
    shader: () => ({
      params: ["rows:u32", "columns:u32", "dout:u32", "o:u32", "lse:u32"],
      reads: ["f32", "f32", ...(lse ? ["f32"] : [])],
      writes: [lse ? "vec2<f32>" : "f32"],
      workgroup: tuning.workgroup,
      body: `
  if (thread >= P.rows) { return; }
  let start = thread * P.columns;
  var total = 0.0;
  for (var i = 0u; i < P.columns; i = i + 1u) {
    total = total + in0[P.dout + start + i] * in1[P.o + start + i];
  }
  out0[thread] = ${lse ? "vec2<f32>(total, in2[P.lse + thread])" : "total"};`,
    }),
    params: [B * H * T, D, dout.offset, o.offset, lse?.offset ?? 0],
    reads: [blockOf(dout), blockOf(o), ...(lse ? [blockOf(lse)] : [])],
    writes: [dots],
    groups: Math.ceil((B * H * T) / tuning.workgroup),
  });
  return dots;
}
