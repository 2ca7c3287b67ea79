// Launches of the primitives that walk or order an axis: `argReduce`, `scan`, `sort`, `countingSort`. Many
// keys are equal, because only then stability shows.

import type { ReduceOp } from "@sixtyone/tensor/backend";
import type { Values } from "../random-values.ts";
import { bindingLayouts, type BindingSpec, type LaunchSpec } from "./launch-spec.ts";

const list = (...values: number[]): Values => ({ kind: "list", values });
const wholes = (low: number, high: number): Values => ({ kind: "integers", low, high });
const reduceOps: readonly ReduceOp[] = ["sum", "prod", "max", "min"];
const rising = Array.from({ length: 1203 }, (_, i) => i - 600);
const mild: Values = { kind: "uniform", low: 0.8, high: 1.2 };

function argOf(input: BindingSpec, op: "max" | "min"): LaunchSpec<"argReduce"> {
  const outputs = [{ shape: input.shape.slice(0, -1), dtype: "i32" as const }];
  return { kernel: "argReduce", note: op, params: { op }, inputs: [input], outputs };
}

export const argSpecs: readonly LaunchSpec<"argReduce">[] = (["max", "min"] as const).flatMap(
  (op) => [
    ...[[1], [9], [4, 7], [2, 3, 5], [3, 131]].map((shape) =>
      argOf({ shape, values: wholes(-3, 3) }, op),
    ),
    ...bindingLayouts.map((layout) => argOf({ shape: [5, 8], layout }, op)),
    ...(["i32", "u32", "f16", "bf16"] as const).map((dtype) =>
      argOf({ shape: [4, 9], dtype, values: wholes(0, 4) }, op),
    ),
    argOf(
      {
        shape: [3, 4],
        values: list(
          1,
          NaN,
          5,
          NaN,
          -Infinity,
          -Infinity,
          -Infinity,
          -Infinity,
          0,
          -0,
          Infinity,
          Infinity,
        ),
      },
      op,
    ),
  ],
);

function scanOf(
  input: BindingSpec,
  op: ReduceOp,
  exclusive: boolean,
  reverse: boolean,
): LaunchSpec<"scan"> {
  const outputs = [{ shape: input.shape, dtype: input.dtype ?? "f32" }];
  const note = `${op}${exclusive ? ", exclusive" : ""}${reverse ? ", reverse" : ""}`;
  return {
    kernel: "scan",
    note,
    params: { op, exclusive, reverse },
    inputs: [input],
    outputs,
    tolerance: { relative: 1e-5 },
  };
}

export const scanSpecs: readonly LaunchSpec<"scan">[] = reduceOps.flatMap((op) =>
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
  const outputs: BindingSpec[] = [
    { shape, dtype: input.dtype ?? "f32" },
    { shape, dtype: "i32" },
  ];
  return { kernel: "sort", note, params: { descending, k }, inputs: [input], outputs };
}

export const sortSpecs: readonly LaunchSpec<"sort">[] = [false, true].flatMap((descending) => [
  ...[[1], [2], [5], [3, 8], [2, 3, 31], [2, 257]].map((shape) =>
    sortOf({ shape, values: wholes(-4, 4) }, descending, shape[shape.length - 1]!),
  ),
  ...bindingLayouts.map((layout) => sortOf({ shape: [4, 9], layout }, descending, 9)),
  ...(["i32", "u32", "f16", "bf16"] as const).map((dtype) =>
    sortOf({ shape: [2, 20], dtype }, descending, 20),
  ),
  ...[1, 2, 8, 63].map((k) => sortOf({ shape: [3, 64], values: wholes(-9, 9) }, descending, k)),
  // A few of many: ties at the last place, rows in order, and types whose order is not that of their words.
  ...[7, 33, 120, 400].flatMap((k) => [
    sortOf({ shape: [2, 1203], values: wholes(-60, 60) }, descending, k),
    sortOf({ shape: [2, 1203] }, descending, k),
    sortOf({ shape: [1203], values: list(...rising) }, descending, k),
    sortOf({ shape: [1203], values: list(0, NaN, -0, -1, Infinity) }, descending, k),
    sortOf({ shape: [1203], dtype: "i32" }, descending, k),
    sortOf({ shape: [1203], dtype: "u32", values: list(3, 4294967295, 2147483648) }, descending, k),
  ]),
  sortOf(
    { shape: [2, 6], values: list(NaN, 1, Infinity, NaN, -Infinity, 1, 0, -0, 0, -0, NaN, -1) },
    descending,
    6,
  ),
  sortOf(
    { shape: [7], dtype: "u32", values: list(4294967295, 0, 2147483648, 1, 2147483647, 5, 0) },
    descending,
    7,
  ),
  sortOf(
    { shape: [7], dtype: "i32", values: list(-2147483648, 0, 2147483647, -1, 1, 5, 0) },
    descending,
    7,
  ),
]);

function countingOf(
  N: number,
  bins: number,
  layout: BindingSpec["layout"] = "contiguous",
): LaunchSpec<"countingSort"> {
  const keys: BindingSpec = { shape: [N], dtype: "i32", values: wholes(0, bins - 1), layout };
  const outputs: BindingSpec[] = [
    { shape: [N], dtype: "i32" },
    { shape: [bins + 1], dtype: "i32" },
  ];
  return {
    kernel: "countingSort",
    note: `${bins} bins`,
    params: { bins },
    inputs: [keys],
    outputs,
  };
}

export const countingSpecs: readonly LaunchSpec<"countingSort">[] = [
  countingOf(1, 1),
  countingOf(10, 3),
  countingOf(1000, 256),
  countingOf(7, 500),
  countingOf(0, 4),
  countingOf(33, 5, "flipped"),
  countingOf(33, 5, "stepped"),
];
