// Launches of the fused kernels, each with its composite: the same values by tensor ops on the
// double-precision oracle, gradients by its tape. A kernel that is missing here does not compile.

import {
  logsumexp,
  groupedMatmul,
  linearLogProb,
  QuantizedWeight,
  rmsNorm,
  rope,
  type QuantFormat,
  type Tensor,
} from "@sixtyone/tensor";
import type { FusedName, Shape } from "@sixtyone/tensor/backend";
import { attentionBackwardSpecs, attentionSpecs } from "./attention-specs.ts";
import { groupedTopkSpecs, sampleSpecs } from "./choice-specs.ts";
import { gradientSums, pullBack, sums, type FusedSpec } from "./fused-spec.ts";
import type { BindingLayout, BindingSpec } from "./launch-spec.ts";

const scale = 0.4;

const rowSizes: readonly (readonly [number, number])[] = [
  [1, 1],
  [3, 5],
  [4, 8],
  [2, 131],
  [70, 64],
];

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

const logProbSizes: readonly (readonly [number, number, number])[] = [
  [1, 1, 1],
  [3, 4, 5],
  [7, 9, 33],
  [5, 16, 700],
  [66, 8, 40],
];

const targets = (N: number, V: number): BindingSpec => ({
  shape: [N],
  dtype: "i32",
  values: { kind: "integers", low: 0, high: V - 1 },
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
    return [logProb, logsumexp(logits(hidden!, weight!), -1), entropy];
  },
}));

const linearLogProbBackwardSpecs = logProbSizes.map(
  ([N, D, V]): FusedSpec<"linearLogProbBackward"> => ({
    kernel: "linearLogProbBackward",
    params: { scale },
    inputs: [{ shape: [N] }, { shape: [N, D] }, { shape: [V, D] }, targets(N, V), { shape: [N] }],
    outputs: [{ shape: [N, D] }, { shape: [V, D] }],
    tolerance: gradientSums,
    derive: ([, hidden, weight]) => [
      undefined,
      undefined,
      undefined,
      undefined,
      logsumexp(logits(hidden!, weight!), -1),
    ],
    composite: ([dlogp, hidden, weight, ids]) =>
      pullBack([hidden!, weight!], dlogp!, ([h, w]) => logProbs(h!, w!, ids!).logProb),
  }),
);

/** N is the last offset; empty groups at the start, in the middle, at the end. */
const groups: readonly (readonly [readonly number[], number, number])[] = [
  [[0, 1], 1, 1],
  [[0, 2, 6], 4, 3],
  [[0, 0, 5, 5, 9, 9], 7, 5],
  [[0, 3, 40, 41, 64], 33, 18],
  [[0, 0, 0, 7], 8, 16],
];

const offsetsOf = (offsets: readonly number[]): BindingSpec => ({
  shape: [offsets.length],
  dtype: "i32",
  values: { kind: "list", values: offsets },
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

const quantizedSizes: readonly (readonly [
  QuantFormat,
  number,
  [number, number],
  [number, number],
])[] = [
  ["int8", 1, [1, 1], [1, 8]],
  ["int8", 3, [9, 256], [4, 64]],
  ["int8", 1, [33, 700], [1, 128]],
  ["int4", 5, [7, 33], [1, 32]],
  ["int4", 70, [40, 64], [2, 8]],
  ["fp8-e4m3", 2, [130, 260], [128, 128]],
  ["fp8-e4m3", 66, [20, 50], [16, 16]],
];

const quantizedSpecs = quantizedSizes.flatMap(([format, N, shape, block]) =>
  [true, false].map((transposed): FusedSpec<"quantizedMatmul"> => {
    const [down, across] = [Math.ceil(shape[0] / block[0]), Math.ceil(shape[1] / block[1])];
    const perWord = format === "int4" ? 8 : 4;
    const rows = down * block[0];
    return {
      kernel: "quantizedMatmul",
      note: `${format} ${transposed ? "x · Wᵀ" : "x · W"}`,
      params: { format, shape, block, transposed },
      inputs: [
        { shape: [N, transposed ? shape[1] : shape[0]] },
        // No byte is 0x7f or 0xff, which fp8-e4m3 reads as NaN.
        {
          shape: [rows, (across * block[1]) / perWord],
          dtype: "u32",
          values: {
            kind: "list",
            values: [0x01c5e83a, 0x7e30a11b, 0x00000080, 0x5d92f44e, 0x28fe6a07],
          },
        },
        { shape: [down, across], values: { kind: "uniform", low: 0.01, high: 0.02 } },
      ],
      outputs: [{ shape: [N, transposed ? shape[0] : shape[1]] }],
      tolerance: sums,
      composite: ([x, words, scales]) => {
        const values = new QuantizedWeight({ format, shape, block }, words!, scales!).dequantize();
        return [x!.matmul(transposed ? values.transpose() : values)];
      },
    };
  }),
);

const ropeShapes: readonly (readonly [Shape, BindingLayout])[] = [
  [[1, 2], "contiguous"],
  [[3, 5, 14], "contiguous"],
  [[2, 3, 4, 32], "contiguous"],
  [[4, 3, 10], "repeated"],
  [[4, 3, 10], "flipped"],
];

const ropeSpecs = ropeShapes.flatMap(([shape, layout]) =>
  [true, false].map((interleaved): FusedSpec<"rope"> => {
    const half = [...shape.slice(0, -1), shape[shape.length - 1]! / 2];
    return {
      kernel: "rope",
      note: interleaved ? "neighbours" : "halves",
      params: { interleaved },
      inputs: [
        { shape, layout: layout === "repeated" ? "contiguous" : layout },
        { shape: half, layout },
        { shape: half, layout },
      ],
      outputs: [{ shape }],
      tolerance: sums,
      composite: ([x, cos, sin]) => [rope(x!, cos!, sin!, { interleaved })],
    };
  }),
);

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

export const fusedSpecs: { readonly [K in FusedName]: readonly FusedSpec<K>[] } = {
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
  quantizedMatmul: quantizedSpecs,
  rope: ropeSpecs,
  sample: sampleSpecs,
  groupedTopk: groupedTopkSpecs,
  adamW: adamWSpecs,
};
