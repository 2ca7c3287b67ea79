// Launches rotary position embedding.

import { sizeOf, type Binding, type LaunchOf } from "@sixtyone/tensor/backend";
import { addressOf, type Context } from "./context.ts";
import { spaceWords, writeSpace } from "./row-space.ts";

export function rope({ params, inputs, outputs, op }: LaunchOf<"rope">, context: Context): void {
  const { engine, space } = context;
  const [x, cos, sin] = inputs as [Binding, Binding, Binding];
  const lead = x.shape.slice(0, -1);
  const half = x.shape[x.shape.length - 1]! / 2;
  space.begin(op, lead);
  for (const view of [x, cos, sin]) space.add(view.strides.slice(0, -1));
  space.merge(lead);
  space.append(); // the row itself
  const at = engine.block(6 + spaceWords(space));
  const { i32 } = engine.heap;
  i32[at] = addressOf(x);
  i32[at + 1] = addressOf(cos);
  i32[at + 2] = addressOf(sin);
  i32[at + 3] = addressOf(outputs[0]!);
  i32[at + 4] = half;
  i32[at + 5] = params.interleaved ? 1 : 0;
  writeSpace(i32, at + 6, space);
  engine.job(engine.kernels.rope!, at * 4, sizeOf(lead), sizeOf(x.shape) * 0.2);
}
