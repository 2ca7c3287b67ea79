// Launches the fused kernels over rows: RMSNorm, softmax, their backward passes, and AdamW.

import type { LaunchOf } from "@sixtyone/tensor/backend";
import { floatBits } from "../map/compile.ts";
import { addressOf, type Context } from "./context.ts";

/** Rows whose share of dweight is summed before it is written. Part of the result's bits: do not tune. */
const rowsPerPartial = 64;
const adamTile = 4096;

/** A block of the addresses of all bindings (inputs, then outputs), then the other words. */
function block(
  context: Context,
  launch: { inputs: readonly never[]; outputs: readonly never[] },
  words: readonly number[],
): number {
  const { engine } = context;
  const bindings = [...launch.inputs, ...launch.outputs];
  const at = engine.block(bindings.length + words.length);
  const { i32 } = engine.heap;
  bindings.forEach((binding, i) => (i32[at + i] = addressOf(binding)));
  words.forEach((word, i) => (i32[at + bindings.length + i] = word));
  return at * 4;
}

export function softmax(launch: LaunchOf<"softmax">, context: Context): void {
  const [rows, columns] = launch.inputs[0]!.shape as [number, number];
  const params = block(context, launch as never, [columns]);
  context.engine.job(context.engine.kernels.softmax!, params, rows, rows * columns);
}

export function softmaxBackward(launch: LaunchOf<"softmaxBackward">, context: Context): void {
  const [rows, columns] = launch.inputs[0]!.shape as [number, number];
  const params = block(context, launch as never, [columns]);
  context.engine.job(context.engine.kernels.softmaxBackward!, params, rows, rows * columns);
}

export function rmsNorm(launch: LaunchOf<"rmsNorm">, context: Context): void {
  const [rows, columns] = launch.inputs[0]!.shape as [number, number];
  const params = block(context, launch as never, [columns, floatBits(launch.params.eps)]);
  context.engine.job(context.engine.kernels.rmsNorm!, params, rows, rows * columns);
}

export function rmsNormBackward(launch: LaunchOf<"rmsNormBackward">, context: Context): void {
  const { engine } = context;
  const { inputs, outputs } = launch;
  const [rows, columns] = inputs[0]!.shape as [number, number];
  const runs = Math.ceil(rows / rowsPerPartial);
  const partials = engine.temporary(runs * columns * 4);
  const at = engine.block(9);
  const { i32 } = engine.heap;
  inputs.forEach((input, i) => (i32[at + i] = addressOf(input)));
  i32[at + 4] = addressOf(outputs[0]!);
  i32[at + 5] = partials;
  i32[at + 6] = rows;
  i32[at + 7] = columns;
  i32[at + 8] = rowsPerPartial;
  engine.job(engine.kernels.rmsNormBackward!, at * 4, runs, rows * columns);
  const sum = engine.block(4);
  i32[sum] = partials;
  i32[sum + 1] = addressOf(outputs[1]!);
  i32[sum + 2] = runs;
  i32[sum + 3] = columns;
  engine.job(engine.kernels.sumPartials!, sum * 4, Math.ceil(columns / 64), runs * columns);
}

export function adamW({ params, inputs }: LaunchOf<"adamW">, context: Context): void {
  const { engine } = context;
  const { beta1, beta2, eps, weightDecay } = params;
  const count = inputs[0]!.shape.reduce((size, dim) => size * dim, 1);
  const at = engine.block(12);
  const { i32 } = engine.heap;
  inputs.forEach((input, i) => (i32[at + i] = addressOf(input)));
  i32[at + 5] = count;
  [beta1, 1 - beta1, beta2, 1 - beta2, eps, weightDecay].forEach(
    (x, i) => (i32[at + 6 + i] = floatBits(x)),
  );
  engine.job(engine.kernels.adamW!, at * 4, Math.ceil(count / adamTile), count * 2);
}
