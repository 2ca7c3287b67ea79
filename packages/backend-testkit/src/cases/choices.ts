// Cases of the ops that choose: tokens of a distribution, experts of a mixture.

import {
  Generator,
  groupedTopk,
  sample,
  sampleWithLogProbs,
  type GroupedTopkOptions,
  type SamplingOptions,
  type Tensor,
} from "@sixtyone/tensor";
import type { OpCase, OpCases } from "../op-case.ts";
import { layouts, type Operand } from "../operand.ts";

type Draw = (x: Tensor, generator: Generator, options: SamplingOptions) => readonly Tensor[];

const tokens: Draw = (x, generator, options) => [sample(x, generator, options)];
const both: Draw = (x, generator, options) => {
  const drawn = sampleWithLogProbs(x, generator, options);
  return [drawn.tokens, drawn.logProbs];
};

const sampling = (draw: Draw): OpCases => {
  const of = (options: SamplingOptions, operand: Operand): OpCase => ({
    note: JSON.stringify(options),
    operands: [operand],
    run: ([x], device) => draw(x!, new Generator(device, 61), options),
  });
  return {
    order: 0,
    cases: [
      ...layouts.map((layout) => of({}, { shape: [4, 9], layout })),
      of({ temperature: 0 }, { shape: [3, 7] }),
      of({ temperature: 0.6, topK: 4 }, { shape: [3, 7] }),
      of({ topK: 100 }, { shape: [3, 7] }),
      of({ topP: 0.7 }, { shape: [2, 3, 8] }),
      of({ minP: 0.3, topP: 0.9, topK: 5 }, { shape: [6, 33] }),
      of({}, { shape: [5] }),
      of({ topP: 0.7 }, { shape: [0, 5] }),
    ],
  };
};

const routing = (
  [N, E, k]: readonly [number, number, number],
  options: GroupedTopkOptions,
  logits: Partial<Operand> = {},
): OpCase => ({
  note: JSON.stringify(options),
  operands: [
    // Apart, so that a step of a numeric gradient changes no choice.
    { shape: [N, E], values: { kind: "distinct", step: 0.125 }, ...logits },
    { shape: [E], values: { kind: "list", values: [0, 0.02, -0.03] }, fixed: true },
  ],
  run: ([x, bias]) => {
    const { weights, experts } = groupedTopk(x!, bias!, k, options);
    return [weights, experts];
  },
});

export const choiceCases = {
  sample: sampling(tokens),
  sampleWithLogProbs: sampling(both),
  groupedTopk: {
    cases: [
      routing([3, 8, 2], { groups: 4, keptGroups: 2, scale: 2.5 }),
      routing([4, 6, 3], {}),
      routing([2, 9, 2], { normalize: false, groups: 3, keptGroups: 1 }),
      routing([5, 4, 2], { groups: 4, keptGroups: 3 }),
      routing([3, 8, 8], { groups: 2 }),
      routing([0, 8, 2], { groups: 2, keptGroups: 1 }),
      ...layouts.slice(1).map((layout) => routing([4, 6, 2], { groups: 2 }, { layout })),
    ],
  },
} as const satisfies Record<string, OpCases>;
