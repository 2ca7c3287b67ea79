// Launches attention and its backward pass. The kernels want unit stride along the head size; other
// views are copied first.

import type { Binding, LaunchOf } from "@sixtyone/tensor/backend";
import { floatBits } from "../map/compile.ts";
import { addressOf, copyView, temporaryView, type Context } from "./context.ts";

const words = 33;
/** As `queriesOf` in assembly/fused/attention.ts. */
const queriesPerTile = (causal: boolean): number => (causal ? 24 : 48);

function withUnitStride(context: Context, view: Binding): Binding {
  if (view.strides[3] === 1 || view.shape[3] === 1) return view;
  const copy = temporaryView(context, view.dtype, view.shape);
  copyView(context, view, copy);
  return copy;
}

interface Operands {
  readonly q: Binding;
  readonly k: Binding;
  readonly v: Binding;
  readonly mask: Binding | undefined;
  readonly o: Binding;
  readonly lse: Binding;
}

/** Address, then the strides of batch, head and row. */
function writeOperand(i32: Int32Array, at: number, view: Binding, strides: number): void {
  i32[at] = addressOf(view);
  for (let axis = 0; axis < strides; axis++) i32[at + 1 + axis] = view.strides[axis]!;
}

function write(
  { engine }: Context,
  { q, k, v, mask, o, lse }: Operands,
  params: { readonly scale: number; readonly causal: boolean },
): number {
  const at = engine.block(words);
  const { i32 } = engine.heap;
  writeOperand(i32, at, q, 3);
  writeOperand(i32, at + 4, k, 3);
  writeOperand(i32, at + 8, v, 3);
  if (mask) writeOperand(i32, at + 12, mask, 4);
  else i32.fill(0, at + 12, at + 17);
  i32[at + 17] = addressOf(o);
  i32[at + 18] = addressOf(lse);
  i32[at + 19] = q.shape[1]!;
  i32[at + 20] = q.shape[2]!;
  i32[at + 21] = k.shape[2]!;
  i32[at + 22] = q.shape[3]!;
  i32[at + 23] = v.shape[3]!;
  i32[at + 24] = floatBits(params.scale);
  i32[at + 25] = params.causal ? 1 : 0;
  return at;
}

/**
 * One query a head over keys and values that all heads share (latent attention in its absorbed form,
 * multi-query attention): the heads become the queries of one head, so the cache passes once and not once a head.
 */
function mergeHeads(operands: Operands): Operands | undefined {
  const { q, k, v, mask } = operands;
  const [B, H, T, D] = q.shape as [number, number, number, number];
  if (T !== 1 || H === 1 || k.strides[1] !== 0 || v.strides[1] !== 0) return undefined;
  const turned = (view: Binding, shape: readonly number[]): Binding => {
    const [batch, head, , last] = view.strides as [number, number, number, number];
    return { ...view, shape, strides: [batch, 0, head, last] };
  };
  const single = (view: Binding): Binding => ({ ...view, shape: [B, 1, ...view.shape.slice(2)] });
  return {
    ...operands,
    q: turned(q, [B, 1, H, D]),
    k: single(k),
    v: single(v),
    mask: mask && turned(mask, [B, 1, H, mask.shape[3]!]),
  };
}

export function attention(
  { params, inputs, outputs }: LaunchOf<"attention">,
  context: Context,
): void {
  const [q0, k0, v0] = inputs.slice(0, 3).map((view) => withUnitStride(context, view)) as [
    Binding,
    Binding,
    Binding,
  ];
  const [o, lse] = outputs as [Binding, Binding];
  const given: Operands = {
    q: q0,
    k: k0,
    v: v0,
    mask: params.masked ? inputs[3] : undefined,
    o,
    lse,
  };
  const merged = mergeHeads(given);
  const { q, k, v } = merged ?? given;
  // A single query sees every key, causal or not.
  const causal = params.causal && !merged;
  const at = write(context, merged ?? given, { ...params, causal });
  const [B, H, T] = q.shape as [number, number, number];
  const tiles = B * H * Math.ceil(T / queriesPerTile(causal));
  context.engine.job(
    context.engine.kernels.attention!,
    at * 4,
    tiles,
    (B * H * T * k.shape[2]! * (q.shape[3]! + v.shape[3]!)) / 20,
  );
}

export function attentionBackward(
  { params, inputs, outputs }: LaunchOf<"attentionBackward">,
  context: Context,
): void {
  const { engine } = context;
  const [dout, q, k, v] = inputs.slice(0, 4).map((view) => withUnitStride(context, view)) as [
    Binding,
    Binding,
    Binding,
    Binding,
  ];
  const [o, lse] = inputs.slice(4, 6) as [Binding, Binding];
  const mask = params.masked ? inputs[6] : undefined;
  const at = write(context, { q, k, v, mask, o, lse }, params);
  const { i32 } = engine.heap;
  writeOperand(i32, at + 26, dout, 3);
  outputs.forEach((output, i) => (i32[at + 30 + i] = addressOf(output)));
  const [B, H] = q.shape as [number, number];
  engine.job(
    engine.kernels.attentionBackward!,
    at * 4,
    B * H,
    (B * H * q.shape[2]! * k.shape[2]! * q.shape[3]!) / 4,
  );
}
