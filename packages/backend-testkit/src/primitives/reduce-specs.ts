// Launches of `reduce`: every operation and dtype, strided, empty, with a prologue, and long enough that a
// running sum in f32 shows.

import {
  castExpr,
  leafExpr,
  opExpr,
  toProgram,
  type DType,
  type Expr,
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

const shortSpecs: readonly LaunchSpec<"reduce">[] = reduceOps.flatMap((op) => [
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
  reduceOf(
    op,
    { shape: [5, 40], dtype: "i32", layout: "transposed", values: wholes(-2147483648, 2147483647) },
    1,
  ),
  reduceOf(op, { shape: [5, 6], dtype: "bf16", values: mild }, 1, { relative: 2 ** -6 }),
  reduceOf(op, { shape: [5, 6], dtype: "f16", values: mild }, 1, { output: "f32" }),
  reduceOf(
    op,
    {
      shape: [3, 6],
      values: list(1, 2, NaN, 3, 4, 5, Infinity, 1, -Infinity, 2, 0, 1, 5, 4, 3, 2, 1, 0),
    },
    1,
  ),
]);

/** What a running f32 sum gets wrong in the fifth digit. */
const longSums: readonly LaunchSpec<"reduce">[] = [
  reduceOf("sum", { shape: [300_001], values: { kind: "uniform", low: 0, high: 1 } }, 1, {
    note: "a long sum",
    relative: 1e-6,
  }),
  reduceOf("sum", { shape: [65_537, 3], layout: "transposed", values: mild }, 2, {
    note: "a long strided sum",
    relative: 1e-6,
  }),
];

function countOfBools(): LaunchSpec<"reduce"> {
  const { program } = toProgram([castExpr(leafExpr(0, "bool"), "i32")], ["i32"]);
  return {
    kernel: "reduce",
    note: "counting bools",
    tolerance: { relative: 0 },
    params: { program, scalars: [], shape: [3, 70], reduceRank: 1, op: "sum" },
    inputs: [{ shape: [3, 70], dtype: "bool" }],
    outputs: [{ shape: [3], dtype: "i32" }],
  };
}

export const reduceSpecs: readonly LaunchSpec<"reduce">[] = [
  ...shortSpecs,
  ...longSums,
  prologue(),
  countOfBools(),
];
