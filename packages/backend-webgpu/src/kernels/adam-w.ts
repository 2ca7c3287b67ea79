// Launches AdamW with decoupled weight decay (Loshchilov & Hutter 2019) in place over flat arenas. What
// changes from step to step comes in a buffer, so a replayed step needs nothing new.

import { sizeOf, type Binding, type LaunchOf } from "@sixtyone/tensor/backend";
import { blockOf, type Context } from "./context.ts";
import { elementParams, elementsFor, elementsText } from "./elements.ts";

export function adamW({ params, inputs }: LaunchOf<"adamW">, { engine, tuning }: Context): void {
  const { beta1, beta2, eps, weightDecay } = params;
  const [parameter, gradient, m, v, scalars] = inputs as [
    Binding,
    Binding,
    Binding,
    Binding,
    Binding,
  ];
  const size = sizeOf(parameter.shape);
  const { numbers, groups } = elementsFor(tuning, size);
  engine.dispatch({
    key: "adamW",
    shader: () => ({
      params: [
        ...elementParams,
        "p:u32",
        "g:u32",
        "m:u32",
        "v:u32",
        "s:u32",
        "beta1:f32",
        "rest1:f32",
        "beta2:f32",
        "rest2:f32",
        "eps:f32",
        "decay:f32",
      ],
      reads: ["f32", "f32"],
      writes: ["f32", "f32", "f32"],
      workgroup: tuning.workgroup,
      body: elementsText(
        tuning,
        `
  let rate = in1[P.s];
  let g = in0[P.g + i] * in1[P.s + 3u];
  let m = P.beta1 * out1[P.m + i] + P.rest1 * g;
  let v = P.beta2 * out2[P.v + i] + P.rest2 * g * g;
  let p = out0[P.p + i];
  let direction = (m / in1[P.s + 1u]) / (sqrt(v / in1[P.s + 2u]) + P.eps);
  out0[P.p + i] = p - rate * (direction + P.decay * p);
  out1[P.m + i] = m;
  out2[P.v + i] = v;`,
      ),
    }),
    params: [
      ...numbers,
      parameter.offset,
      gradient.offset,
      m.offset,
      v.offset,
      scalars.offset,
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      eps,
      weightDecay,
    ],
    reads: [blockOf(gradient), blockOf(scalars)],
    writes: [blockOf(parameter), blockOf(m), blockOf(v)],
    groups,
  });
}
