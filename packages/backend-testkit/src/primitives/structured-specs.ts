// Launches of the primitives other than `map`: reductions, matrix products, gathers, scatters, scans,
// sorts and random bits, on strided operands and at sizes around the blocks that kernels work in.

import {
  castExpr,
  leafExpr,
  opExpr,
  toProgram,
  type DType,
  type Expr,
  type PrimitiveName,
  type ReduceOp,
} from "@sixtyone/tensor/backend";
import type { Values } from "../random-values.ts";
import { bindingLayouts, type BindingSpec, type LaunchSpec } from "./launch-spec.ts";

const list = (...values: number[]): Values => ({ kind: "list", values });
const wholes = (low: number, high: number): Values => ({ kind: "integers", low, high });
const reduceOps: readonly ReduceOp[] = ["sum", "prod", "max", "min"];

function reduceOf(
  op: ReduceOp,
  input: BindingSpec,
  reduceRank: number,
  more: { note?: string; relative?: number; output?: DType } = {},
): LaunchSpec<"reduce"> {
  const { dtype = "f32", shape } = input;
  const { note, relative = 4e-6, output = dtype } = more;
  const { program } = toProgram([leafExpr(0, dtype)], [output]);
  return {
    kernel: "reduce",
    note: note ?? op,
    params: { program, scalars: [], shape, reduceRank, op },
    inputs: [input],
    outputs: [{ shape: shape.slice(0, shape.length - reduceRank), dtype: output }],
    tolerance: { relative },
  };
}

const mild: Values = { kind: "uniform", low: 0.8, high: 1.2 };

function prologue(): LaunchSpec<"reduce"> {
  const [x, y] = [leafExpr(0, "f32"), leafExpr(1, "bf16")];
  const root: Expr<number> = opExpr("exp", opExpr("mul", x, y));
  const { program } = toProgram([root], ["f32"]);
  return {
    kernel: "reduce",
    note: "a prologue over two strided operands",
    params: { program, scalars: [], shape: [4, 5, 6], reduceRank: 2, op: "sum" },
    inputs: [
      { shape: [4, 5, 6], layout: "transposed" },
      { shape: [4, 5, 6], dtype: "bf16", layout: "repeated" },
    ],
    outputs: [{ shape: [4] }],
    tolerance: { relative: 1e-5 },
  };
}

const reduceSpecs: readonly LaunchSpec<"reduce">[] = reduceOps.flatMap((op) => [
  ...[[7], [1], [3, 5], [2, 3, 4], [33, 17], [5, 129], [64, 64]].map((shape) =>
    reduceOf(op, { shape, values: mild }, 1),
  ),
  reduceOf(op, { shape: [4, 6], values: mild }, 2),
  reduceOf(op, { shape: [4, 6], values: mild }, 0, { note: `${op} over no axis` }),
  reduceOf(op, { shape: [3, 0] }, 1, { note: `${op} of nothing` }),
  reduceOf(op, { shape: [0] }, 1, { note: `${op} of nothing` }),
  ...bindingLayouts.map((layout) => reduceOf(op, { shape: [6, 9], layout, values: mild }, 1)),
  reduceOf(op, { shape: [5, 6], dtype: "i32" }, 1),
  reduceOf(op, { shape: [5, 6], dtype: "u32" }, 1),
  reduceOf(op, { shape: [5, 40], dtype: "i32", layout: "transposed", values: wholes(-2147483648, 2147483647) }, 1),
  reduceOf(op, { shape: [5, 6], dtype: "bf16", values: mild }, 1, { relative: 2 ** -6 }),
  reduceOf(op, { shape: [5, 6], dtype: "f16", values: mild }, 1, { output: "f32" }),
  reduceOf(op, { shape: [3, 6], values: list(1, 2, NaN, 3, 4, 5, Infinity, 1, -Infinity, 2, 0, 1, 5, 4, 3, 2, 1, 0) }, 1),
]);

/** What a running f32 sum gets wrong in the fifth digit. */
const longSums: readonly LaunchSpec<"reduce">[] = [
  reduceOf("sum", { shape: [300_001], values: { kind: "uniform", low: 0, high: 1 } }, 1, { note: "a long sum", relative: 1e-6 }),
  reduceOf("sum", { shape: [65_537, 3], layout: "transposed", values: mild }, 2, { note: "a long strided sum", relative: 1e-6 }),
];

function argOf(input: BindingSpec, op: "max" | "min"): LaunchSpec<"argReduce"> {
  const outputs = [{ shape: input.shape.slice(0, -1), dtype: "i32" as const }];
  return { kernel: "argReduce", note: op, params: { op }, inputs: [input], outputs };
}

const argSpecs = (["max", "min"] as const).flatMap((op) => [
  ...[[1], [9], [4, 7], [2, 3, 5], [3, 131]].map((shape) => argOf({ shape, values: wholes(-3, 3) }, op)),
  ...bindingLayouts.map((layout) => argOf({ shape: [5, 8], layout }, op)),
  ...(["i32", "u32", "f16", "bf16"] as const).map((dtype) => argOf({ shape: [4, 9], dtype, values: wholes(0, 4) }, op)),
  argOf({ shape: [3, 4], values: list(1, NaN, 5, NaN, -Infinity, -Infinity, -Infinity, -Infinity, 0, -0, Infinity, Infinity) }, op),
]);

function matmulOf(a: BindingSpec, b: BindingSpec, relative = 1e-5): LaunchSpec<"matmul"> {
  const shape = [...a.shape.slice(0, -1), b.shape[b.shape.length - 1]!];
  return { kernel: "matmul", params: {}, inputs: [a, b], outputs: [{ shape }], tolerance: { relative } };
}

/** M, K, N around the tiles: 1, one less, exactly, one more. */
const sizes: readonly (readonly [number, number, number])[] = [
  [1, 1, 1], [2, 3, 4], [4, 4, 4], [5, 8, 7], [6, 16, 8], [7, 17, 9], [8, 8, 8], [1, 64, 1], [1, 33, 40],
  [40, 33, 1], [16, 1, 16], [3, 300, 5], [63, 65, 64], [97, 64, 49],
];

const matmulSpecs: readonly LaunchSpec<"matmul">[] = [
  ...sizes.map(([M, K, N]) => matmulOf({ shape: [M, K] }, { shape: [K, N] }, 3e-5)),
  ...bindingLayouts.map((layout) => matmulOf({ shape: [9, 13], layout }, { shape: [13, 10] })),
  ...bindingLayouts.map((layout) => matmulOf({ shape: [9, 13] }, { shape: [13, 10], layout })),
  matmulOf({ shape: [34, 70], layout: "transposed" }, { shape: [70, 33], layout: "transposed" }, 3e-5),
  matmulOf({ shape: [3, 4, 5] }, { shape: [3, 5, 6] }),
  matmulOf({ shape: [3, 4, 5], layout: "repeated" }, { shape: [3, 5, 6] }),
  matmulOf({ shape: [3, 4, 5] }, { shape: [3, 5, 6], layout: "repeated" }),
  matmulOf({ shape: [2, 3, 4, 5], layout: "transposed" }, { shape: [2, 3, 5, 2], layout: "flipped" }),
  matmulOf({ shape: [3, 0] }, { shape: [0, 4] }),
  matmulOf({ shape: [20, 31], dtype: "f16" }, { shape: [31, 12] }),
  matmulOf({ shape: [20, 31] }, { shape: [31, 12], dtype: "bf16", layout: "transposed" }),
  matmulOf({ shape: [5, 6], dtype: "bf16" }, { shape: [6, 7], dtype: "f16" }),
];

function gatherOf(source: BindingSpec, index: BindingSpec, axis: number): LaunchSpec<"gather"> {
  const outputs = [{ shape: index.shape, dtype: source.dtype ?? "f32" }];
  return { kernel: "gather", params: { axis }, inputs: [source, index], outputs };
}

const indices = (shape: readonly number[], size: number, more: Partial<BindingSpec> = {}): BindingSpec => ({
  shape, dtype: "i32", values: wholes(0, size - 1), ...more,
});

const gatherSpecs: readonly LaunchSpec<"gather">[] = [
  ...bindingLayouts.map((layout) => gatherOf({ shape: [6, 5], layout }, indices([9, 5], 6), 0)),
  ...bindingLayouts.map((layout) => gatherOf({ shape: [6, 5] }, indices([6, 7], 5, { layout }), 1)),
  ...(["i32", "u32", "bool", "f16", "bf16"] as const).map((dtype) => gatherOf({ shape: [6, 5], dtype }, indices([3, 5], 6), 0)),
  gatherOf({ shape: [2, 4, 3] }, indices([2, 2, 3], 4, { dtype: "u32" }), 1),
  gatherOf({ shape: [8] }, indices([33], 8), 0),
  gatherOf({ shape: [4, 6] }, indices([2, 3], 6), 1),
  gatherOf({ shape: [64, 40] }, indices([50, 40], 64, { layout: "repeated" }), 0),
];

function scatterOf(base: BindingSpec, index: BindingSpec, source: BindingSpec, axis: number): LaunchSpec<"scatterAdd"> {
  const outputs = [{ shape: base.shape, dtype: base.dtype ?? "f32" }];
  return { kernel: "scatterAdd", params: { axis }, inputs: [base, index, source], outputs, tolerance: { relative: 1e-5 } };
}

const scatterSpecs: readonly LaunchSpec<"scatterAdd">[] = [
  ...bindingLayouts.map((layout) => scatterOf({ shape: [4, 5], layout }, indices([9, 5], 4), { shape: [9, 5] }, 0)),
  ...bindingLayouts.map((layout) => scatterOf({ shape: [4, 5] }, indices([9, 5], 4), { shape: [9, 5], layout }, 0)),
  ...bindingLayouts.map((layout) => scatterOf({ shape: [4, 5] }, indices([4, 8], 5, { layout }), { shape: [4, 8] }, 1)),
  scatterOf({ shape: [3] }, indices([200], 3), { shape: [200] }, 0),
  scatterOf({ shape: [2, 3, 4] }, indices([1, 7, 2], 3), { shape: [1, 7, 2] }, 1),
  scatterOf({ shape: [3, 2] }, indices([0, 2], 3), { shape: [0, 2] }, 0),
  scatterOf({ shape: [5], dtype: "i32" }, indices([40], 5, { dtype: "u32" }), { shape: [40], dtype: "i32" }, 0),
  scatterOf({ shape: [64, 33] }, indices([90, 33], 64, { layout: "repeated" }), { shape: [90, 33] }, 0),
];

function scanOf(input: BindingSpec, op: ReduceOp, exclusive: boolean, reverse: boolean): LaunchSpec<"scan"> {
  const outputs = [{ shape: input.shape, dtype: input.dtype ?? "f32" }];
  const note = `${op}${exclusive ? ", exclusive" : ""}${reverse ? ", reverse" : ""}`;
  return { kernel: "scan", note, params: { op, exclusive, reverse }, inputs: [input], outputs, tolerance: { relative: 1e-5 } };
}

const scanSpecs: readonly LaunchSpec<"scan">[] = reduceOps.flatMap((op) =>
  [false, true].flatMap((exclusive) =>
    [false, true].flatMap((reverse) => [
      scanOf({ shape: [1], values: mild }, op, exclusive, reverse),
      scanOf({ shape: [3, 7], values: mild }, op, exclusive, reverse),
      scanOf({ shape: [2, 70], values: mild, layout: "transposed" }, op, exclusive, reverse),
      scanOf({ shape: [2, 3, 4], values: mild, layout: "flipped" }, op, exclusive, reverse),
      scanOf({ shape: [4, 6], dtype: "i32" }, op, exclusive, reverse),
    ]),
  ),
);

function sortOf(input: BindingSpec, descending: boolean, k: number): LaunchSpec<"sort"> {
  const shape = [...input.shape.slice(0, -1), k];
  const note = `${descending ? "falling" : "rising"}, k = ${k}`;
  const outputs: BindingSpec[] = [{ shape, dtype: input.dtype ?? "f32" }, { shape, dtype: "i32" }];
  return { kernel: "sort", note, params: { descending, k }, inputs: [input], outputs };
}

const sortSpecs: readonly LaunchSpec<"sort">[] = [false, true].flatMap((descending) => [
  ...[[1], [2], [5], [3, 8], [2, 3, 31], [2, 257]].map((shape) =>
    sortOf({ shape, values: wholes(-4, 4) }, descending, shape[shape.length - 1]!)),
  ...bindingLayouts.map((layout) => sortOf({ shape: [4, 9], layout }, descending, 9)),
  ...(["i32", "u32", "f16", "bf16"] as const).map((dtype) => sortOf({ shape: [2, 20], dtype }, descending, 20)),
  ...[1, 2, 8, 63].map((k) => sortOf({ shape: [3, 64], values: wholes(-9, 9) }, descending, k)),
  sortOf({ shape: [2, 6], values: list(NaN, 1, Infinity, NaN, -Infinity, 1, 0, -0, 0, -0, NaN, -1) }, descending, 6),
  sortOf({ shape: [7], dtype: "u32", values: list(4294967295, 0, 2147483648, 1, 2147483647, 5, 0) }, descending, 7),
  sortOf({ shape: [7], dtype: "i32", values: list(-2147483648, 0, 2147483647, -1, 1, 5, 0) }, descending, 7),
]);

function countingOf(N: number, bins: number, layout: BindingSpec["layout"] = "contiguous"): LaunchSpec<"countingSort"> {
  const keys: BindingSpec = { shape: [N], dtype: "i32", values: wholes(0, bins - 1), layout };
  const outputs: BindingSpec[] = [{ shape: [N], dtype: "i32" }, { shape: [bins + 1], dtype: "i32" }];
  return { kernel: "countingSort", note: `${bins} bins`, params: { bins }, inputs: [keys], outputs };
}

const countingSpecs: readonly LaunchSpec<"countingSort">[] = [
  countingOf(1, 1), countingOf(10, 3), countingOf(1000, 256), countingOf(7, 500), countingOf(0, 4),
  countingOf(33, 5, "flipped"), countingOf(33, 5, "stepped"),
];

function randomOf(count: number, state: readonly number[]): LaunchSpec<"random"> {
  return {
    kernel: "random",
    note: `state ${state.join()}`,
    params: {},
    inputs: [{ shape: [4], dtype: "u32", values: list(...state) }],
    outputs: [{ shape: [count], dtype: "u32" }],
  };
}

const randomSpecs: readonly LaunchSpec<"random">[] = [
  randomOf(1, [0, 0, 0, 0]),
  randomOf(7, [0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3]),
  randomOf(1001, [61, 0, 5, 0]),
  // The 64-bit counter carries into its high word, and wraps.
  randomOf(20, [1, 2, 4294967290, 7]),
  randomOf(20, [1, 2, 4294967293, 4294967295]),
];

function uncast(): LaunchSpec<"reduce"> {
  const { program } = toProgram([castExpr(leafExpr(0, "bool"), "i32")], ["i32"]);
  return {
    kernel: "reduce", note: "counting bools", tolerance: { relative: 0 },
    params: { program, scalars: [], shape: [3, 70], reduceRank: 1, op: "sum" },
    inputs: [{ shape: [3, 70], dtype: "bool" }],
    outputs: [{ shape: [3], dtype: "i32" }],
  };
}

export type StructuredName = Exclude<PrimitiveName, "map">;

/** A primitive without launches here does not compile. */
export const structuredSpecs: { readonly [K in StructuredName]: readonly LaunchSpec<K>[] } = {
  reduce: [...reduceSpecs, ...longSums, prologue(), uncast()],
  argReduce: argSpecs,
  matmul: matmulSpecs,
  gather: gatherSpecs,
  scatterAdd: scatterSpecs,
  scan: scanSpecs,
  sort: sortSpecs,
  countingSort: countingSpecs,
  random: randomSpecs,
};
