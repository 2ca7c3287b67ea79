// `map` launches that are about everything but the scalar ops: strides on both sides, storage dtypes,
// casts, coordinates, scalars, several outputs, many inputs.

import {
  castExpr,
  computeType,
  indexExpr,
  leafExpr,
  opExpr,
  scalarExpr,
  toProgram,
  type DType,
  type Expr,
} from "@sixtyone/tensor/backend";
import { bindingLayouts, type BindingSpec, type LaunchSpec } from "./launch-spec.ts";

const all: readonly DType[] = ["f32", "i32", "u32", "bool", "f16", "bf16"];

/** Builds the launch of expressions over numbered inputs. */
function mapOf(
  note: string,
  roots: readonly Expr<number>[],
  shape: readonly number[],
  inputs: readonly BindingSpec[],
  outputs: readonly BindingSpec[],
  ulp = 2,
): LaunchSpec<"map"> {
  const dtypes = outputs.map(({ dtype = "f32" }) => dtype);
  const { program, leaves, scalars } = toProgram(roots, dtypes);
  return {
    kernel: "map",
    note,
    params: { program, scalars, shape },
    inputs: leaves.map((leaf) => inputs[leaf]!),
    outputs,
    tolerance: { ulp },
  };
}

const x = leafExpr(0, "f32");
const y = leafExpr(1, "f32");
const shapes: readonly (readonly number[])[] = [
  [],
  [1],
  [7],
  [3, 5],
  [2, 3, 4],
  [1, 4, 1, 3],
  [2, 2, 3, 2, 2],
  [1031],
];

export const mapSpecs: readonly LaunchSpec<"map">[] = [
  ...shapes.map((shape) =>
    mapOf("a · b", [opExpr("mul", x, y)], shape, [{ shape }, { shape }], [{ shape }]),
  ),
  ...bindingLayouts.map((layout) =>
    mapOf(
      "strided input",
      [opExpr("sub", x, y)],
      [4, 6],
      [{ shape: [4, 6], layout }, { shape: [4, 6] }],
      [{ shape: [4, 6] }],
    ),
  ),
  ...bindingLayouts
    .filter((layout) => layout !== "repeated")
    .map((layout) =>
      mapOf(
        "strided output",
        [opExpr("neg", x)],
        [3, 2, 5],
        [{ shape: [3, 2, 5] }],
        [{ shape: [3, 2, 5], layout }],
      ),
    ),
  mapOf(
    "everything strided",
    [opExpr("add", x, y)],
    [5, 7],
    [
      { shape: [5, 7], layout: "flipped" },
      { shape: [5, 7], layout: "transposed" },
    ],
    [{ shape: [5, 7], layout: "stepped" }],
  ),
  ...all.flatMap((from) => all.map((to) => conversion(from, to, "contiguous"))),
  ...all.map((dtype) => conversion(dtype, dtype, "stepped")),
  ...all.map((dtype) => conversion(dtype, "f32", "flipped")),
  mapOf(
    "coordinates",
    [opExpr("add", opExpr("mul", indexExpr(-2), scalarExpr(100, "i32")), indexExpr(-1))],
    [3, 2, 5],
    [],
    [{ shape: [3, 2, 5], dtype: "i32" }],
  ),
  mapOf(
    "a coordinate beside an operand",
    [opExpr("select", opExpr("le", indexExpr(-1), indexExpr(-2)), x, scalarExpr(-1, "f32"))],
    [2, 4, 4],
    [{ shape: [2, 4, 4], layout: "flipped" }],
    [{ shape: [2, 4, 4] }],
  ),
  mapOf(
    "scalars of every type",
    [
      opExpr(
        "add",
        castExpr(
          opExpr("add", scalarExpr(-7, "i32"), castExpr(scalarExpr(1, "bool"), "i32")),
          "f32",
        ),
        opExpr("mul", scalarExpr(0.1, "f32"), castExpr(scalarExpr(4294967295, "u32"), "f32")),
      ),
    ],
    [3],
    [],
    [{ shape: [3] }],
  ),
  mapOf(
    "two outputs",
    [opExpr("add", x, y), opExpr("mul", x, y)],
    [3, 7],
    [{ shape: [3, 7] }, { shape: [3, 7], layout: "repeated" }],
    [{ shape: [3, 7] }, { shape: [3, 7], layout: "offset" }],
  ),
  mapOf(
    "three outputs of three dtypes",
    [opExpr("exp", x), opExpr("lt", x, y), castExpr(x, "i32")],
    [33],
    [{ shape: [33] }, { shape: [33] }],
    [
      { shape: [33], dtype: "bf16" },
      { shape: [33], dtype: "bool" },
      { shape: [33], dtype: "i32" },
    ],
  ),
  manyInputs(8),
  mapOf(
    "a long chain",
    [chain(40)],
    [129],
    [{ shape: [129] }, { shape: [129] }],
    [{ shape: [129] }],
    60,
  ),
  mapOf(
    "an output nobody computes twice",
    [x, x],
    [9],
    [{ shape: [9] }],
    [{ shape: [9] }, { shape: [9], dtype: "f16" }],
  ),
  mapOf("nothing", [opExpr("neg", x)], [0, 3], [{ shape: [0, 3] }], [{ shape: [0, 3] }]),
];

function conversion(
  from: DType,
  to: DType,
  layout: "contiguous" | "stepped" | "flipped",
): LaunchSpec<"map"> {
  const list =
    from === "i32"
      ? [0, 1, -1, 70000, -2147483648, 2147483647]
      : from === "u32"
        ? [0, 1, 70000, 2147483648, 4294967295]
        : from === "bool"
          ? [0, 1, 1]
          : [
              0,
              -0,
              0.5,
              -1.5,
              2.5,
              1e10,
              -1e10,
              NaN,
              Infinity,
              -Infinity,
              65519.9,
              65520,
              6e-8,
              1.00048828125,
              3.3e38,
            ];
  const shape = [3, list.length];
  return mapOf(
    `${from} to ${to}`,
    [castExpr(leafExpr(0, from), computeType(to))],
    shape,
    [{ shape, dtype: from, layout, values: { kind: "list", values: list } }],
    [{ shape, dtype: to }],
    0,
  );
}

function manyInputs(count: number): LaunchSpec<"map"> {
  let sum: Expr<number> = leafExpr(0, "f32");
  for (let i = 1; i < count; i++) sum = opExpr("max", sum, leafExpr(i, "f32"));
  const layouts = Array.from(
    { length: count },
    (_, i) => bindingLayouts[i % bindingLayouts.length]!,
  );
  return mapOf(
    `${count} inputs`,
    [sum, opExpr("neg", sum), opExpr("abs", sum)],
    [4, 5],
    layouts.map((layout) => ({ shape: [4, 5], layout })),
    [{ shape: [4, 5] }, { shape: [4, 5] }, { shape: [4, 5] }],
    0,
  );
}

/** x + y · 0.9 again and again: registers are reused, the last one is stored. */
function chain(length: number): Expr<number> {
  let node: Expr<number> = x;
  for (let i = 0; i < length; i++) {
    node = opExpr("add", opExpr("mul", node, scalarExpr(0.9, "f32")), opExpr("abs", i % 2 ? y : x));
  }
  return node;
}
