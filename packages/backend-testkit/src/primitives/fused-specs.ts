// Launches of the fused kernels, each with its composite: the same values by tensor ops on the
// double-precision oracle, gradients by its tape. A kernel that is missing here does not compile.

import { attention, gradients, groupedMatmul, linearLogProb, rmsNorm, type Tensor } from "@sixtyone/tensor";
import type { FusedName, FusedParams, Shape } from "@sixtyone/tensor/backend";
import type { BindingLayout, BindingSpec, LaunchSpec } from "./launch-spec.ts";

export interface FusedSpec<K extends FusedName> extends LaunchSpec<K> {
  readonly composite: (x: readonly Tensor[], params: FusedParams[K]) => readonly Tensor[];
}

const sums = { relative: 2e-5 } as const;
const gradientSums = { relative: 1e-4 } as const;

/** Gradients of y at `points`, given the gradient of y. */
function pullBack(
  points: readonly Tensor[],
  dy: Tensor,
  forward: (points: readonly Tensor[]) => Tensor,
): readonly Tensor[] {
  const leaves = points.map((x) => x.detach().requiresGrad_());
  return gradients([forward(leaves)], leaves, [dy]);
}

const rowSizes: readonly (readonly [number, number])[] = [[1, 1], [3, 5], [4, 8], [2, 131], [70, 64]];

const eps = 1e-5;
const inverseRoot = (x: Tensor) => x.square().mean(-1).add(eps).rsqrt();

const rmsNormSpecs = rowSizes.map(([N, D]): FusedSpec<"rmsNorm"> => ({
  kernel: "rmsNorm",
  params: { eps },
  inputs: [{ shape: [N, D] }, { shape: [D] }],
  outputs: [{ shape: [N, D] }, { shape: [N] }],
  tolerance: sums,
  composite: ([x, weight]) => [rmsNorm(x!, weight!, eps), inverseRoot(x!)],
}));

/** rstd is an input of the kernel, so it is given as numbers that belong to x: x of ±1 has rstd ≈ 1. */
const rmsNormBackwardSpecs = rowSizes.map(([N, D]): FusedSpec<"rmsNormBackward"> => ({
  kernel: "rmsNormBackward",
  params: {},
  inputs: [
    { shape: [N, D] },
    { shape: [N, D], values: { kind: "list", values: [1, -1, -1, 1, 1] } },
    { shape: [D] },
    { shape: [N], values: { kind: "list", values: [Math.fround(1 / Math.sqrt(1 + eps))] } },
  ],
  outputs: [{ shape: [N, D] }, { shape: [D] }],
  tolerance: gradientSums,
  composite: ([dy, x, weight]) => pullBack([x!, weight!], dy!, ([p, w]) => rmsNorm(p!, w!, eps)),
}));

const softmaxSpecs = rowSizes.map(([N, D]): FusedSpec<"softmax"> => ({
  kernel: "softmax",
  params: {},
  inputs: [{ shape: [N, D], values: { kind: "uniform", low: -30, high: 30 } }],
  outputs: [{ shape: [N, D] }],
  tolerance: sums,
  composite: ([x]) => [x!.softmax(-1)],
}));

const softmaxBackwardSpecs = rowSizes.map(([N, D]): FusedSpec<"softmaxBackward"> => ({
  kernel: "softmaxBackward",
  params: {},
  inputs: [{ shape: [N, D] }, { shape: [N, D], values: { kind: "uniform", low: 0, high: 1 } }],
  outputs: [{ shape: [N, D] }],
  tolerance: sums,
  composite: ([dy, y]) => [y!.mul(dy!.sub(dy!.mul(y!).sum(-1, { keepDim: true })))],
}));

interface AttentionSize {
  readonly B: number;
  readonly H: number;
  readonly T: number;
  readonly S: number;
  readonly D: number;
  readonly Dv: number;
  readonly causal: boolean;
  readonly masked?: boolean;
  readonly layout?: BindingLayout;
}

const attentionSizes: readonly AttentionSize[] = [
  { B: 1, H: 1, T: 1, S: 1, D: 1, Dv: 1, causal: false },
  { B: 1, H: 2, T: 3, S: 5, D: 4, Dv: 6, causal: false },
  { B: 2, H: 2, T: 6, S: 6, D: 8, Dv: 8, causal: true },
  { B: 1, H: 2, T: 2, S: 9, D: 5, Dv: 3, causal: true },
  { B: 1, H: 3, T: 33, S: 33, D: 24, Dv: 16, causal: true },
  { B: 2, H: 1, T: 4, S: 5, D: 4, Dv: 4, causal: false, masked: true },
  { B: 1, H: 2, T: 5, S: 5, D: 3, Dv: 3, causal: true, masked: true },
  { B: 2, H: 3, T: 4, S: 4, D: 4, Dv: 4, causal: true, layout: "transposed" },
  { B: 1, H: 2, T: 70, S: 70, D: 12, Dv: 8, causal: true },
];

const scale = 0.4;

function operands({ B, H, T, S, D, Dv, layout = "contiguous" }: AttentionSize): BindingSpec[] {
  return [[B, H, T, D], [B, H, S, D], [B, H, S, Dv]].map((shape) => ({ shape, layout }));
}

/** One key in four is hidden; the first query sees the first key. */
function maskOf({ B, H, T, S, masked }: AttentionSize): BindingSpec[] {
  const values = { kind: "list", values: [0, -0.5, 0, -Infinity, 0.25] } as const;
  return masked ? [{ shape: [B, H, T, S], layout: "repeated", values }] : [];
}

function scores(q: Tensor, k: Tensor, mask: Tensor | undefined, causal: boolean): Tensor {
  const plain = q.matmul(k.transpose()).mul(scale);
  const all = mask ? plain.add(mask) : plain;
  if (!causal) return all;
  const [T, S] = [q.shape[2]!, k.shape[2]!];
  const rows = q.device.iota([T, S], -2).add(S - T);
  return q.device.iota([T, S], -1).le(rows).where(all, -Infinity);
}

const attentionSpecs = attentionSizes.map((size): FusedSpec<"attention"> => {
  const { B, H, T, Dv, causal, masked = false } = size;
  return {
    kernel: "attention",
    note: causal ? "causal" : "full",
    params: { scale, causal, masked },
    inputs: [...operands(size), ...maskOf(size)],
    outputs: [{ shape: [B, H, T, Dv] }, { shape: [B, H, T] }],
    tolerance: sums,
    composite: ([q, k, v, mask]) => [
      attention(q!, k!, v!, { scale, causal, ...(mask && { mask }) }),
      scores(q!, k!, mask, causal).logsumexp(-1),
    ],
  };
});

/** o and lse, inputs of the backward kernel, come from the composite: see `derived` in the suite. */
export type Derive = (x: readonly Tensor[]) => readonly (Tensor | undefined)[];

export interface DerivedSpec<K extends FusedName> extends FusedSpec<K> {
  /** Inputs that follow from the others: replaces those that are not undefined. */
  readonly derive?: Derive;
}

const attentionBackwardSpecs = attentionSizes.map((size): DerivedSpec<"attentionBackward"> => {
  const { B, H, T, Dv, causal, masked = false } = size;
  const options = (mask: Tensor | undefined) => ({ scale, causal, ...(mask && { mask }) });
  return {
    kernel: "attentionBackward",
    note: causal ? "causal" : "full",
    params: { scale, causal, masked },
    inputs: [
      { shape: [B, H, T, Dv] },
      ...operands(size),
      { shape: [B, H, T, Dv] },
      { shape: [B, H, T] },
      ...maskOf(size),
    ],
    outputs: operands(size).map(({ shape }) => ({ shape })),
    tolerance: gradientSums,
    derive: ([, q, k, v, , , mask]) => [
      undefined, undefined, undefined, undefined,
      attention(q!, k!, v!, options(mask)),
      scores(q!, k!, mask, causal).logsumexp(-1),
    ],
    composite: ([dout, q, k, v, , , mask]) =>
      pullBack([q!, k!, v!], dout!, ([a, b, c]) => attention(a!, b!, c!, options(mask))),
  };
});

const logProbSizes: readonly (readonly [number, number, number])[] = [
  [1, 1, 1], [3, 4, 5], [7, 9, 33], [5, 16, 700], [66, 8, 40],
];

const targets = (N: number, V: number): BindingSpec => ({
  shape: [N], dtype: "i32", values: { kind: "integers", low: 0, high: V - 1 },
});

function logits(hidden: Tensor, weight: Tensor): Tensor {
  return hidden.matmul(weight.transpose()).mul(scale);
}

function logProbs(hidden: Tensor, weight: Tensor, ids: Tensor) {
  return linearLogProb(hidden, weight, ids, { temperature: 1 / scale });
}

const linearLogProbSpecs = logProbSizes.map(([N, D, V]): FusedSpec<"linearLogProb"> => ({
  kernel: "linearLogProb",
  params: { scale },
  inputs: [{ shape: [N, D] }, { shape: [V, D] }, targets(N, V)],
  outputs: [{ shape: [N] }, { shape: [N] }, { shape: [N] }],
  tolerance: sums,
  composite: ([hidden, weight, ids]) => {
    const { logProb, entropy } = logProbs(hidden!, weight!, ids!);
    return [logProb, logits(hidden!, weight!).logsumexp(-1), entropy];
  },
}));

const linearLogProbBackwardSpecs = logProbSizes.map(([N, D, V]): DerivedSpec<"linearLogProbBackward"> => ({
  kernel: "linearLogProbBackward",
  params: { scale },
  inputs: [{ shape: [N] }, { shape: [N, D] }, { shape: [V, D] }, targets(N, V), { shape: [N] }],
  outputs: [{ shape: [N, D] }, { shape: [V, D] }],
  tolerance: gradientSums,
  derive: ([, hidden, weight]) => [
    undefined, undefined, undefined, undefined, logits(hidden!, weight!).logsumexp(-1),
  ],
  composite: ([dlogp, hidden, weight, ids]) =>
    pullBack([hidden!, weight!], dlogp!, ([h, w]) => logProbs(h!, w!, ids!).logProb),
}));

/** N is the last offset; empty groups at the start, in the middle, at the end. */
const groups: readonly (readonly [readonly number[], number, number])[] = [
  [[0, 1], 1, 1],
  [[0, 2, 6], 4, 3],
  [[0, 0, 5, 5, 9, 9], 7, 5],
  [[0, 3, 40, 41, 64], 33, 18],
  [[0, 0, 0, 7], 8, 16],
];

const offsetsOf = (offsets: readonly number[]): BindingSpec => ({
  shape: [offsets.length], dtype: "i32", values: { kind: "list", values: offsets },
});

const groupedSpecs = groups.flatMap(([offsets, K, M]) =>
  (["contiguous", "transposed", "repeated"] as const).map((layout): FusedSpec<"groupedMatmul"> => {
    const [E, N] = [offsets.length - 1, offsets[offsets.length - 1]!];
    return {
      kernel: "groupedMatmul",
      note: `groups ${offsets.join()}`,
      params: {},
      inputs: [{ shape: [N, K] }, { shape: [E, K, M], layout }, offsetsOf(offsets)],
      outputs: [{ shape: [N, M] }],
      tolerance: sums,
      composite: ([a, b, starts]) => [groupedMatmul(a!, b!, starts!)],
    };
  }),
);

const groupedWeightSpecs = groups.map(([offsets, K, M]): FusedSpec<"groupedMatmulWeight"> => {
  const [E, N] = [offsets.length - 1, offsets[offsets.length - 1]!];
  const shape: Shape = [E, K, M];
  return {
    kernel: "groupedMatmulWeight",
    note: `groups ${offsets.join()}`,
    params: {},
    inputs: [{ shape: [N, K] }, { shape: [N, M] }, offsetsOf(offsets)],
    outputs: [{ shape }],
    tolerance: sums,
    composite: ([a, c, starts]) => {
      const b = a!.device.zeros(shape);
      return pullBack([b], c!, ([weight]) => groupedMatmul(a!, weight!, starts!));
    },
  };
});

const adamWSpecs = [1, 7, 64, 1001].map((N): FusedSpec<"adamW"> => ({
  kernel: "adamW",
  params: { beta1: 0.9, beta2: 0.95, eps: 1e-8, weightDecay: 0.1 },
  inputs: [
    { shape: [N] },
    { shape: [N] },
    { shape: [N] },
    { shape: [N], values: { kind: "uniform", low: 0.1, high: 1 } },
    { shape: [4], values: { kind: "list", values: [0.01, 0.19, 0.0975, 0.5].map(Math.fround) } },
  ],
  outputs: [{ shape: [N] }, { shape: [N] }, { shape: [N] }],
  inPlace: [0, 2, 3],
  tolerance: { relative: 2e-6 },
  composite: ([p, gradient, m, v, scalars], { beta1, beta2, eps: small, weightDecay }) => {
    const [rate, correction1, correction2, factor] = [0, 1, 2, 3].map((i) => scalars!.select(0, i));
    const g = gradient!.mul(factor!);
    const nextM = m!.mul(beta1).add(g.mul(1 - beta1));
    const nextV = v!.mul(beta2).add(g.square().mul(1 - beta2));
    const direction = nextM.div(correction1!).div(nextV.div(correction2!).sqrt().add(small));
    return [p!.sub(direction.add(p!.mul(weightDecay)).mul(rate!)), nextM, nextV];
  },
}));

export const fusedSpecs: { readonly [K in FusedName]: readonly DerivedSpec<K>[] } = {
  rmsNorm: rmsNormSpecs,
  rmsNormBackward: rmsNormBackwardSpecs,
  softmax: softmaxSpecs,
  softmaxBackward: softmaxBackwardSpecs,
  attention: attentionSpecs,
  attentionBackward: attentionBackwardSpecs,
  linearLogProb: linearLogProbSpecs,
  linearLogProbBackward: linearLogProbBackwardSpecs,
  groupedMatmul: groupedSpecs,
  groupedMatmulWeight: groupedWeightSpecs,
  adamW: adamWSpecs,
};
