// Launches of `gather` and `scatterAdd`: indices and values in every layout, repeated positions.

import type { Values } from "../random-values.ts";
import { bindingLayouts, type BindingSpec, type LaunchSpec } from "./launch-spec.ts";

const wholes = (low: number, high: number): Values => ({ kind: "integers", low, high });

function gatherOf(source: BindingSpec, index: BindingSpec, axis: number): LaunchSpec<"gather"> {
  const outputs = [{ shape: index.shape, dtype: source.dtype ?? "f32" }];
  return { kernel: "gather", params: { axis }, inputs: [source, index], outputs };
}

const indices = (
  shape: readonly number[],
  size: number,
  more: Partial<BindingSpec> = {},
): BindingSpec => ({
  shape,
  dtype: "i32",
  values: wholes(0, size - 1),
  ...more,
});

export const gatherSpecs: readonly LaunchSpec<"gather">[] = [
  ...bindingLayouts.map((layout) => gatherOf({ shape: [6, 5], layout }, indices([9, 5], 6), 0)),
  ...bindingLayouts.map((layout) => gatherOf({ shape: [6, 5] }, indices([6, 7], 5, { layout }), 1)),
  ...(["i32", "u32", "bool", "f16", "bf16"] as const).map((dtype) =>
    gatherOf({ shape: [6, 5], dtype }, indices([3, 5], 6), 0),
  ),
  gatherOf({ shape: [2, 4, 3] }, indices([2, 2, 3], 4, { dtype: "u32" }), 1),
  gatherOf({ shape: [8] }, indices([33], 8), 0),
  gatherOf({ shape: [4, 6] }, indices([2, 3], 6), 1),
  gatherOf({ shape: [64, 40] }, indices([50, 40], 64, { layout: "repeated" }), 0),
];

function scatterOf(
  base: BindingSpec,
  index: BindingSpec,
  source: BindingSpec,
  axis: number,
): LaunchSpec<"scatterAdd"> {
  const outputs = [{ shape: base.shape, dtype: base.dtype ?? "f32" }];
  return {
    kernel: "scatterAdd",
    params: { axis },
    inputs: [base, index, source],
    outputs,
    tolerance: { relative: 1e-5 },
  };
}

export const scatterSpecs: readonly LaunchSpec<"scatterAdd">[] = [
  ...bindingLayouts.map((layout) =>
    scatterOf({ shape: [4, 5], layout }, indices([9, 5], 4), { shape: [9, 5] }, 0),
  ),
  ...bindingLayouts.map((layout) =>
    scatterOf({ shape: [4, 5] }, indices([9, 5], 4), { shape: [9, 5], layout }, 0),
  ),
  ...bindingLayouts.map((layout) =>
    scatterOf({ shape: [4, 5] }, indices([4, 8], 5, { layout }), { shape: [4, 8] }, 1),
  ),
  scatterOf({ shape: [3] }, indices([200], 3), { shape: [200] }, 0),
  scatterOf({ shape: [2, 3, 4] }, indices([1, 7, 2], 3), { shape: [1, 7, 2] }, 1),
  scatterOf({ shape: [3, 2] }, indices([0, 2], 3), { shape: [0, 2] }, 0),
  scatterOf(
    { shape: [5], dtype: "i32" },
    indices([40], 5, { dtype: "u32" }),
    { shape: [40], dtype: "i32" },
    0,
  ),
  scatterOf(
    { shape: [64, 33] },
    indices([90, 33], 64, { layout: "repeated" }),
    { shape: [90, 33] },
    0,
  ),
  // So many that a backend may sort them first.
  scatterOf({ shape: [7] }, indices([700], 7, { dtype: "u32" }), { shape: [700] }, 0),
  scatterOf({ shape: [300, 3] }, indices([900, 1], 300), { shape: [900, 1] }, 0),
  scatterOf({ shape: [2, 5] }, indices([1, 600], 5), { shape: [1, 600] }, 1),
];
