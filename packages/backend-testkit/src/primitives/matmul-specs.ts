// Launches of `matmul`: sizes around the tiles that kernels work in, every layout of either side, batches.

import { bindingLayouts, type BindingSpec, type LaunchSpec } from "./launch-spec.ts";

function matmulOf(a: BindingSpec, b: BindingSpec, relative = 1e-5): LaunchSpec<"matmul"> {
  const shape = [...a.shape.slice(0, -1), b.shape[b.shape.length - 1]!];
  return {
    kernel: "matmul",
    params: {},
    inputs: [a, b],
    outputs: [{ shape }],
    tolerance: { relative },
  };
}

/** M, K, N around the tiles: 1, one less, exactly, one more. */
const sizes: readonly (readonly [number, number, number])[] = [
  [1, 1, 1],
  [2, 3, 4],
  [4, 4, 4],
  [5, 8, 7],
  [6, 16, 8],
  [7, 17, 9],
  [8, 8, 8],
  [1, 64, 1],
  [1, 33, 40],
  [40, 33, 1],
  [16, 1, 16],
  [3, 300, 5],
  [63, 65, 64],
  [97, 64, 49],
];

export const matmulSpecs: readonly LaunchSpec<"matmul">[] = [
  ...sizes.map(([M, K, N]) => matmulOf({ shape: [M, K] }, { shape: [K, N] }, 3e-5)),
  ...bindingLayouts.map((layout) => matmulOf({ shape: [9, 13], layout }, { shape: [13, 10] })),
  ...bindingLayouts.map((layout) => matmulOf({ shape: [9, 13] }, { shape: [13, 10], layout })),
  matmulOf(
    { shape: [34, 70], layout: "transposed" },
    { shape: [70, 33], layout: "transposed" },
    3e-5,
  ),
  matmulOf({ shape: [3, 4, 5] }, { shape: [3, 5, 6] }),
  matmulOf({ shape: [3, 4, 5], layout: "repeated" }, { shape: [3, 5, 6] }),
  matmulOf({ shape: [3, 4, 5] }, { shape: [3, 5, 6], layout: "repeated" }),
  matmulOf(
    { shape: [2, 3, 4, 5], layout: "transposed" },
    { shape: [2, 3, 5, 2], layout: "flipped" },
  ),
  matmulOf({ shape: [3, 0] }, { shape: [0, 4] }),
  matmulOf({ shape: [20, 31], dtype: "f16" }, { shape: [31, 12] }),
  matmulOf({ shape: [20, 31] }, { shape: [31, 12], dtype: "bf16", layout: "transposed" }),
  matmulOf({ shape: [5, 6], dtype: "bf16" }, { shape: [6, 7], dtype: "f16" }),
];
