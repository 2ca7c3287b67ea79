// WebGPU forbids a dispatch to write a buffer that it also binds otherwise, even where the parts do not
// meet (two windows of one cache). Such launches read from a copy and write to temporaries that are
// copied into place afterwards.

import type { Binding, Launch } from "@sixtyone/tensor/backend";
import { blockOf, temporaryView, type Context } from "./context.ts";
import { copyView } from "./copy.ts";

export function withoutAliases(
  launch: Launch,
  context: Context,
  kernel: (launch: Launch, context: Context) => void,
): void {
  // AdamW works in place and says so.
  if (launch.kernel === "adamW" || !hasAliases(launch)) {
    kernel(launch, context);
    return;
  }
  const written = new Set(launch.outputs.map(blockOf));
  const inputs = launch.inputs.map((input) => {
    if (!written.has(blockOf(input))) return input;
    const copy = temporaryView(context, input.dtype, input.shape);
    copyView(context, input, copy);
    return copy;
  });
  const finish: (() => void)[] = [];
  const seen = new Set<unknown>();
  const outputs = launch.outputs.map((output): Binding => {
    const block = blockOf(output);
    const isFirst = !seen.has(block);
    seen.add(block);
    if (isFirst) return output;
    const own = temporaryView(context, output.dtype, output.shape);
    finish.push(() => copyView(context, own, output));
    return own;
  });
  kernel({ ...launch, inputs, outputs } as Launch, context);
  for (const step of finish) step();
}

function hasAliases({ inputs, outputs }: Launch): boolean {
  for (let i = 0; i < outputs.length; i++) {
    const block = blockOf(outputs[i]!);
    for (let j = 0; j < i; j++) if (blockOf(outputs[j]!) === block) return true;
    for (const input of inputs) if (blockOf(input) === block) return true;
  }
  return false;
}
