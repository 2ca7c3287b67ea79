// Launches groupedTopk.

import type { LaunchOf } from "@sixtyone/tensor/backend";
import { floatBits } from "../map/compile.ts";
import { addressOf, type Context } from "./context.ts";

/** The most experts whose scores, biased scores and selection fit a thread's scratch. */
export const mostExperts = 32768;

export function groupedTopk(
  { params, inputs, outputs }: LaunchOf<"groupedTopk">,
  { engine }: Context,
): void {
  const [rows, E] = inputs[0]!.shape as [number, number];
  const at = engine.block(10);
  const { i32 } = engine.heap;
  [...inputs, ...outputs].forEach((view, i) => (i32[at + i] = addressOf(view)));
  i32[at + 4] = E;
  i32[at + 5] = params.k;
  i32[at + 6] = params.groups;
  i32[at + 7] = params.keptGroups;
  i32[at + 8] = params.normalize ? 1 : 0;
  i32[at + 9] = floatBits(params.scale);
  engine.job(engine.kernels.groupedTopk!, at * 4, rows, rows * E * 3);
}
