// Launches of the fused kernels that choose: the draw of tokens and the routing of a mixture of experts. What is chosen
// must be equal, so rows have ties where ties are settled by a rule and none that rounding would settle.

import {
  Generator,
  groupedTopk,
  sampleWithLogProbs,
  type SamplingOptions,
  type Tensor,
} from "@sixtyone/tensor";
import type { Values } from "../random-values.ts";
import { sums, type FusedSpec } from "./fused-spec.ts";

const list = (...values: number[]): Values => ({ kind: "list", values });
const spread = (by: number): Values => ({ kind: "uniform", low: -by, high: by });
const fives: Values = { kind: "integers", low: 0, high: 5 };

const vocabularies: readonly (readonly [rows: number, V: number, values: Values])[] = [
  [1, 1, list(0.5)],
  [3, 5, { kind: "normal" }],
  [4, 8, { kind: "normal" }],
  [7, 131, spread(6)],
  [3, 1027, { kind: "normal" }],
  [2, 1027, spread(40)],
  [5, 90, fives],
  [2, 33, list(1.5)],
  [3, 4, list(-Infinity, -Infinity, 7, -Infinity, 1, -Infinity, 2, 3, -1e30, 0, 1e-30, 1)],
  [4, 3, list(1, NaN, NaN, -Infinity, -Infinity, -Infinity, 0, Infinity, Infinity, 2, 1, 0)],
];

const ways: readonly SamplingOptions[] = [
  {},
  { temperature: 0.7 },
  { topK: 1 },
  { topK: 3, temperature: 1.3 },
  { topK: 70 },
  { topP: 0.9 },
  { topP: 1e-6 },
  { topP: 0.5, temperature: 2.5 },
  { topP: 0.999, minP: 0.01 },
  { minP: 0.2 },
  { minP: 1 },
  { topK: 40, topP: 0.8, minP: 0.05, temperature: 0.9 },
];

/** The last: the counter's low word is about to run over. */
const states = [
  [5, 0, 0, 0],
  [0x9e3779b9, 61, 1001, 0],
  [1, 2, 0xfffffff0, 3],
] as const;

function sampleSpec(
  [rows, V, values]: (typeof vocabularies)[number],
  way: SamplingOptions,
  logProbs: boolean,
  [key0, key1, counter0, counter1]: (typeof states)[number],
): FusedSpec<"sample"> {
  const { temperature = 1, topK = V, topP = 1, minP = 0 } = way;
  return {
    kernel: "sample",
    note: JSON.stringify(way),
    params: { temperature, topK: Math.min(topK, V), topP, minP, logProbs },
    inputs: [
      { shape: [rows, V], values },
      { shape: [4], dtype: "u32", values: list(key0, key1, counter0, counter1) },
    ],
    outputs: [{ shape: [rows], dtype: "i32" as const }, ...(logProbs ? [{ shape: [rows] }] : [])],
    tolerance: sums,
    composite: ([logits]: readonly Tensor[]) => {
      const state = { key: [key0, key1], counter: [counter0, counter1] } as const;
      const generator = Generator.restore(logits!.device, state);
      const drawn = sampleWithLogProbs(logits!, generator, way);
      return logProbs ? [drawn.tokens, drawn.logProbs] : [drawn.tokens];
    },
  };
}

export const sampleSpecs: readonly FusedSpec<"sample">[] = [
  ...ways.flatMap((way, w) =>
    vocabularies.map((rows, v) =>
      sampleSpec(rows, way, (w + v) % 2 === 0, states[(w + v) % states.length]!),
    ),
  ),
  // As many tokens as the largest vocabularies have: rows that fit a thread's scratch once and no more.
  sampleSpec([1, 140_001, spread(9)], { topP: 0.9, minP: 1e-4 }, true, states[0]),
];

type Sizes = readonly [N: number, E: number, k: number, groups: number, keptGroups: number];

const routings: readonly Sizes[] = [
  [1, 1, 1, 1, 1],
  [3, 8, 2, 1, 1],
  [5, 16, 4, 4, 2],
  [4, 7, 7, 1, 1],
  [4, 12, 3, 12, 5],
  [3, 18, 5, 6, 3],
  [70, 256, 8, 8, 4],
  [2, 300, 40, 3, 3],
  [2, 1300, 90, 130, 70],
];

/** Scores apart from each other by far more than rounding, equal ones, and what is no number. */
const routed: readonly { readonly logits: Values; readonly bias: Values }[] = [
  { logits: { kind: "normal" }, bias: spread(0.1) },
  { logits: { kind: "normal" }, bias: spread(2) },
  { logits: fives, bias: list(0) },
  { logits: list(0), bias: list(0.25) },
  { logits: list(0.3, NaN, -Infinity, 2, -Infinity, Infinity, -3), bias: list(0) },
  { logits: { kind: "normal" }, bias: list(-Infinity, 0, -Infinity) },
  { logits: list(60, -60, 90, -90, 200, -200), bias: list(0.5) },
];

export const groupedTopkSpecs = routings.flatMap(([N, E, k, groups, keptGroups]) =>
  routed.flatMap(({ logits, bias }) =>
    [true, false].map((normalize): FusedSpec<"groupedTopk"> => {
      const options = { groups, keptGroups, normalize, scale: normalize ? 2.5 : 1 };
      return {
        kernel: "groupedTopk",
        note: `${k} of ${E}, ${keptGroups} of ${groups} groups`,
        params: { k, ...options },
        inputs: [
          { shape: [N, E], values: logits },
          { shape: [E], values: bias },
        ],
        outputs: [{ shape: [N, k] }, { shape: [N, k], dtype: "i32" }],
        tolerance: sums,
        composite: ([z, b]) => {
          const { weights, experts } = groupedTopk(z!, b!, k, options);
          return [weights, experts];
        },
      };
    }),
  ),
);
