// Launches random: Threefry-2x32-20 (Salmon et al., SC 2011), two words a thread.

import { sizeOf, type LaunchOf } from "@sixtyone/tensor/backend";
import { blockOf, type Context } from "./context.ts";

const rotations = [13, 15, 26, 6, 17, 29, 16, 24];

function rounds(): string {
  let text = "";
  for (let round = 0; round < 20; round++) {
    const turn = rotations[round % 8]!;
    text += `  x0 = x0 + x1; x1 = ((x1 << ${turn}u) | (x1 >> ${32 - turn}u)) ^ x0;\n`;
    if (round % 4 !== 3) continue;
    const step = (round + 1) / 4;
    text += `  x0 = x0 + k${step % 3}; x1 = x1 + k${(step + 1) % 3} + ${step}u;\n`;
  }
  return text;
}

export function random({ inputs, outputs }: LaunchOf<"random">, { engine, tuning }: Context): void {
  const [state, output] = [inputs[0]!, outputs[0]!];
  const size = sizeOf(output.shape);
  engine.dispatch({
    key: "random",
    shader: () => ({
      params: ["size:u32", "source:i32", "stride:i32", "to:u32"],
      reads: ["u32"],
      writes: ["u32"],
      workgroup: tuning.workgroup,
      body: `
  let at = thread * 2u;
  if (at >= P.size) { return; }
  let k0 = in0[P.source];
  let k1 = in0[P.source + P.stride];
  let k2 = 0x1bd11bdau ^ k0 ^ k1;
  let low = in0[P.source + 2 * P.stride];
  var x0 = low + thread;
  var x1 = in0[P.source + 3 * P.stride] + select(0u, 1u, x0 < low);
  x0 = x0 + k0;
  x1 = x1 + k1;
${rounds()}
  out0[P.to + at] = x0;
  if (at + 1u < P.size) { out0[P.to + at + 1u] = x1; }`,
    }),
    params: [size, state.offset, state.strides[0]!, output.offset],
    reads: [blockOf(state)],
    writes: [blockOf(output)],
    groups: Math.ceil(size / 2 / tuning.workgroup),
  });
}
