// Cases of the matrix product and of the ops that networks are made of. Most of these have fused kernels
// on some backends; the oracle has none, so each case is a fused kernel against its composite.

import {
  attention,
  crossEntropy,
  linear,
  einsum,
  groupedMatmul,
  layerNorm,
  linearLogProb,
  rmsNorm,
  rope,
  type Tensor,
} from "@sixtyone/tensor";
import type { OpCase, OpCases } from "../op-case.ts";
import { layouts, type Operand } from "../operand.ts";

const product = (a: Operand, b: Operand): OpCase => ({
  operands: [a, b],
  run: ([x, y]) => x!.matmul(y!),
});

const ids = (shape: readonly number[], high: number): Operand => ({
  shape,
  dtype: "i32",
  values: { kind: "integers", low: 0, high: high - 1 },
  fixed: true,
});

const matmulCases: readonly OpCase[] = [
  product({ shape: [3, 4] }, { shape: [4, 5] }),
  product({ shape: [1, 1] }, { shape: [1, 1] }),
  product({ shape: [4] }, { shape: [4] }),
  product({ shape: [4] }, { shape: [4, 3] }),
  product({ shape: [3, 4] }, { shape: [4] }),
  product({ shape: [2, 3, 4] }, { shape: [4, 5] }),
  product({ shape: [2, 3, 4] }, { shape: [2, 4, 5] }),
  product({ shape: [2, 1, 3, 4] }, { shape: [3, 4, 2] }),
  product({ shape: [0, 4] }, { shape: [4, 3] }),
  product({ shape: [3, 0] }, { shape: [0, 2] }),
  ...layouts.slice(1).map((layout) => product({ shape: [5, 7], layout }, { shape: [7, 3] })),
  ...layouts.slice(1).map((layout) => product({ shape: [5, 7] }, { shape: [7, 3], layout })),
  product({ shape: [6, 5], layout: "transposed" }, { shape: [5, 6], layout: "transposed" }),
  product({ shape: [2, 6, 5], layout: "transposed" }, { shape: [2, 5, 3], layout: "transposed" }),
  product({ shape: [17, 33] }, { shape: [33, 9] }),
  product({ shape: [65, 130] }, { shape: [130, 67] }),
  product({ shape: [1, 200] }, { shape: [200, 129] }),
  product({ shape: [129, 64], layout: "transposed" }, { shape: [64, 1] }),
  {
    note: "f16 by bf16",
    operands: [
      { shape: [4, 6], dtype: "f16", fixed: true },
      { shape: [6, 3], dtype: "bf16", fixed: true },
    ],
    run: ([x, y]) => x!.matmul(y!),
  },
  {
    note: "an epilogue",
    operands: [{ shape: [5, 6] }, { shape: [6, 4] }, { shape: [4] }],
    run: ([x, y, bias]) => x!.matmul(y!).add(bias!).silu(),
  },
];

const norms: readonly (readonly [Operand, number])[] = [
  [{ shape: [3, 5] }, 5],
  // Away from 0, where a norm over one number is all slope.
  [{ shape: [1], values: { kind: "uniform", low: 0.5, high: 2 } }, 1],
  [{ shape: [2, 3, 4] }, 4],
  [{ shape: [4, 6], layout: "transposed" }, 6],
  [{ shape: [3, 8], layout: "flipped" }, 8],
  [{ shape: [0, 4] }, 4],
  [{ shape: [9, 131] }, 131],
];

function heads(
  B: number,
  H: number,
  T: number,
  S: number,
  D: number,
  Dv: number,
  Hkv = H,
): Operand[] {
  return [{ shape: [B, H, T, D] }, { shape: [B, Hkv, S, D] }, { shape: [B, Hkv, S, Dv] }];
}

const attend = (operands: readonly Operand[], causal: boolean, note?: string): OpCase => ({
  note: `${causal ? "causal" : "full"}${note === undefined ? "" : `, ${note}`}`,
  operands,
  run: ([q, k, v, mask]) => attention(q!, k!, v!, { causal, ...(mask && { mask }) }),
});

/** 0 shows and −∞ hides; the first row of the mask hides all but the first key. */
const mask = (shape: readonly number[]): Operand => ({
  shape,
  values: { kind: "list", values: [0, -Infinity, 0, -0.5, 0] },
  fixed: true,
});

const attentionCases: readonly OpCase[] = [
  attend(heads(1, 2, 3, 3, 4, 4), false),
  attend(heads(1, 2, 3, 3, 4, 4), true),
  attend(heads(2, 2, 4, 4, 6, 3), true, "values narrower than keys"),
  attend(heads(1, 1, 2, 5, 4, 4), true, "more keys than queries"),
  attend(heads(1, 1, 1, 1, 1, 1), true),
  attend(heads(1, 4, 3, 3, 4, 4, 2), true, "grouped heads"),
  attend([...heads(1, 2, 3, 5, 4, 4), mask([3, 5])], false, "mask"),
  attend([...heads(2, 1, 3, 5, 4, 4), mask([2, 1, 3, 5])], true, "mask"),
  attend(
    heads(1, 2, 3, 3, 4, 4).map((x) => ({ ...x, layout: "flipped" })),
    true,
  ),
  {
    note: "heads split from one projection",
    operands: [{ shape: [2, 5, 12] }],
    run: ([x]) => {
      const split = x!.reshape([2, 5, 3, 2, 2]).permute([2, 0, 3, 1, 4]);
      return attention(split.select(0, 0), split.select(0, 1), split.select(0, 2), {
        causal: true,
      });
    },
  },
  attend(heads(1, 2, 37, 37, 17, 9), true),
];

const angles = (half: number, T: number): Operand[] => [
  { shape: [T, half], values: { kind: "uniform", low: -1, high: 1 }, fixed: true },
  { shape: [T, half], values: { kind: "uniform", low: -1, high: 1 }, fixed: true },
];

const ropeCases: readonly OpCase[] = [true, false].flatMap((interleaved) =>
  layouts.map((layout) => ({
    note: interleaved ? "pairs" : "halves",
    operands: [{ shape: [2, 3, 6], layout }, ...angles(3, 3)],
    run: ([x, cos, sin]: readonly Tensor[]) => rope(x!, cos!, sin!, { interleaved }),
  })),
);

const logProb = (N: number, D: number, V: number, temperature = 1): OpCase => ({
  note: `temperature ${temperature}`,
  operands: [{ shape: [N, D] }, { shape: [V, D] }, ids([N], V)],
  run: ([hidden, weight, targets]) => {
    const { logProb, entropy } = linearLogProb(hidden!, weight!, targets!, { temperature });
    return [logProb, entropy];
  },
});

const grouped = (
  N: number,
  K: number,
  M: number,
  offsets: readonly number[],
  b: Partial<Operand> = {},
): OpCase => {
  const E = offsets.length - 1;
  return {
    note: `groups ${offsets.join()}`,
    operands: [
      { shape: [N, K] },
      { shape: [E, K, M], ...b },
      { shape: [E + 1], dtype: "i32", values: { kind: "list", values: offsets }, fixed: true },
    ],
    run: ([a, w, starts]) => groupedMatmul(a!, w!, starts!),
  };
};

const sums = (equation: string, ...shapes: (readonly number[])[]): OpCase => ({
  note: equation,
  operands: shapes.map((shape) => ({ shape })),
  run: (x) => einsum(equation, ...x),
});

export const neuralCases = {
  matmul: { cases: matmulCases },
  linear: {
    cases: [
      {
        operands: [{ shape: [5, 4] }, { shape: [3, 4] }, { shape: [3] }],
        run: ([x, weight, bias]: readonly Tensor[]) => linear(x!, weight!, bias!),
      },
      {
        note: "no bias, leading axes",
        operands: [{ shape: [2, 3, 8] }, { shape: [16, 8] }],
        run: ([x, weight]: readonly Tensor[]) => linear(x!, weight!),
      },
    ],
  },
  rmsNorm: {
    cases: norms.map(([x, D]) => ({
      operands: [x, { shape: [D] }],
      run: ([x, weight]: readonly Tensor[]) => rmsNorm(x!, weight!, 1e-5),
    })),
  },
  layerNorm: {
    cases: norms
      // A row of one number has no variance: its slope is all rounding.
      .filter(([, D]) => D > 1)
      .map(([x, D]) => ({
        operands: [x, { shape: [D] }, { shape: [D] }],
        run: ([x, weight, bias]: readonly Tensor[]) => layerNorm(x!, weight!, bias!, 1e-3),
      })),
  },
  einsum: {
    cases: [
      sums("ij,jk->ik", [3, 4], [4, 5]),
      sums("bthd,bshd->bhts", [2, 3, 2, 4], [2, 5, 2, 4]),
      sums("ij->ji", [3, 4]),
      sums("ij->", [3, 4]),
      sums("ii->i", [4, 4]),
      sums("ii", [4, 4]),
      sums("i,j,k->kij", [2], [3], [4]),
      sums("ab,bc,cd", [2, 3], [3, 4], [4, 2]),
      sums("ij,ij->i", [3, 4], [3, 4]),
      sums("ijk,k->j", [2, 3, 4], [4]),
      sums("...ij,jk->...ik", [2, 5, 3, 4], [4, 2]),
      sums("...ij,...jk", [2, 1, 3, 4], [5, 4, 2]),
      sums("i...,...->...i", [3, 2, 1], [1, 4]),
      sums("...ii->...i", [2, 3, 3]),
    ],
  },
  rope: { cases: ropeCases },
  attention: { cases: attentionCases },
  crossEntropy: {
    cases: (["mean", "sum", "none"] as const).map((reduction) => ({
      note: reduction,
      operands: [{ shape: [4, 7] }, ids([4], 7)],
      run: ([logits, targets]: readonly Tensor[]) => crossEntropy(logits!, targets!, { reduction }),
    })),
  },
  linearLogProb: {
    cases: [logProb(3, 4, 6), logProb(1, 1, 1), logProb(5, 7, 33, 0.7), logProb(19, 16, 300, 1.5)],
  },
  groupedMatmul: {
    cases: [
      grouped(6, 4, 3, [0, 2, 6]),
      grouped(5, 3, 2, [0, 0, 5, 5]),
      grouped(7, 4, 3, [0, 3, 3, 4, 7], { layout: "transposed" }),
      grouped(40, 17, 9, [0, 1, 13, 13, 40]),
    ],
  },
} as const satisfies Record<string, OpCases>;
