// Launches AdamW with decoupled weight decay (Loshchilov & Hutter 2019) in place over flat arenas. What
// changes from step to step comes in a buffer, so a replayed step needs nothing new.

import { sizeOf, type Binding, type LaunchOf } from "@sixtyone/tensor/backend";
import { blockOf, type Context } from "./context.ts";

export function adamW({ params, inputs }: LaunchOf<"adamW">, { engine, tuning }: Context): void {
  const { beta1, beta2, eps, weightDecay } = params;
  const [parameter, gradient, m, v, scalars] = inputs as [Binding, Binding, Binding, Binding, Binding];
  const size = sizeOf(parameter.shape);
  engine.dispatch({
    key: "adamW",
    shader: () => ({
      params: [
        "size:u32", "p:u32", "g:u32", "m:u32", "v:u32", "s:u32",
        "beta1:f32", "rest1:f32", "beta2:f32", "rest2:f32", "eps:f32", "decay:f32",
      ],
      reads: ["f32", "f32"],
      writes: ["f32", "f32", "f32"],
      workgroup: tuning.workgroup,
      body: `
  if (thread >= P.size) { return; }
  let rate = in1[P.s];
  let g = in0[P.g + thread] * in1[P.s + 3u];
  let m = P.beta1 * out1[P.m + thread] + P.rest1 * g;
  let v = P.beta2 * out2[P.v + thread] + P.rest2 * g * g;
  let p = out0[P.p + thread];
  let direction = (m / in1[P.s + 1u]) / (sqrt(v / in1[P.s + 2u]) + P.eps);
  out0[P.p + thread] = p - rate * (direction + P.decay * p);
  out1[P.m + thread] = m;
  out2[P.v + thread] = v;`,
    }),
    params: [
      size, parameter.offset, gradient.offset, m.offset, v.offset, scalars.offset,
      beta1, 1 - beta1, beta2, 1 - beta2, eps, weightDecay,
    ],
    reads: [blockOf(gradient), blockOf(scalars)],
    writes: [blockOf(parameter), blockOf(m), blockOf(v)],
    groups: Math.ceil(size / tuning.workgroup),
  });
}
