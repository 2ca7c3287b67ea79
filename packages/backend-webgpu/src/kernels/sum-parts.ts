// Adds up partial results, in order: out[i] = Σ in[part, i].

import type { Block } from "../memory/pool.ts";
import type { Context } from "./context.ts";

export function sumParts(
  { engine, tuning }: Context,
  size: number,
  parts: number,
  from: Block,
  to: Block,
  offset: number,
): void {
  engine.dispatch({
    key: "sum parts",
    shader: () => ({
      params: ["size:u32", "parts:u32", "to:u32"],
      reads: ["f32"],
      writes: ["f32"],
      workgroup: tuning.workgroup,
      body: `
  if (thread >= P.size) { return; }
  var total = 0.0;
  for (var part = 0u; part < P.parts; part = part + 1u) {
    total = total + in0[part * P.size + thread];
  }
  out0[P.to + thread] = total;`,
    }),
    params: [size, parts, offset],
    reads: [from],
    writes: [to],
    groups: Math.ceil(size / tuning.workgroup),
  });
}
