// The rate of subgroup matrices alone: every subgroup multiplies the same two fragments onto independent sums.

import type { Prepared } from "../engine.ts";
import { fmaFlops } from "../suites/roofline.ts";
import { prepareShader } from "./prepare-shader.ts";

interface Fragment {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly dtype: "f32" | "f16";
}

const sums = 4;
const subgroups = 2 ** 12;

/** The adapter's first matrices of `dtype` that sum up in f32, if the device may use them. */
export async function fragmentOf(
  device: GPUDevice,
  dtype: "f32" | "f16",
): Promise<Fragment | undefined> {
  if (!device.features.has("chromium-experimental-subgroup-matrix" as GPUFeatureName))
    return undefined;
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  const { subgroupMatrixConfigs = [] } = adapter!.info as GPUAdapterInfo & {
    readonly subgroupMatrixConfigs?: readonly (Omit<Fragment, "dtype"> & {
      readonly componentType: string;
      readonly resultComponentType: string;
    })[];
  };
  const found = [...subgroupMatrixConfigs].find(
    ({ componentType, resultComponentType }) =>
      componentType === dtype && resultComponentType === "f32",
  );
  return found && { M: found.M, N: found.N, K: found.K, dtype };
}

/** undefined where there are none. */
export function prepareMatrices(
  device: GPUDevice,
  fragment: Fragment | undefined,
): Prepared | undefined {
  if (!fragment) return undefined;
  const { M, N, K, dtype } = fragment;
  const steps = Math.ceil(fmaFlops / (2 * M * N * K * sums * subgroups));
  const all = Array.from({ length: sums }, (_, i) => i);
  // Subgroups may have fewer threads than the most there can be: one of each workgroup counts.
  const workgroup = device.adapterInfo.subgroupMaxSize;
  return prepareShader(device, {
    label: `multiply-adds in matrices ${dtype}`,
    code: `enable subgroups;
enable chromium_experimental_subgroup_matrix;
${dtype === "f16" ? "enable f16;" : ""}
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(${workgroup})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(subgroup_id) subgroup: u32) {
  if (subgroup == 0u) {
    let a = subgroup_matrix_left<${dtype}, ${K}, ${M}>(${dtype}(0.5));
    let b = subgroup_matrix_right<${dtype}, ${N}, ${K}>(${dtype}(0.25));
${all.map((i) => `    var c${i} = subgroup_matrix_result<f32, ${N}, ${M}>();`).join("\n")}
    for (var i = 0u; i < ${steps}u; i = i + 1u) {
${all.map((i) => `      c${i} = subgroupMatrixMultiplyAccumulate(a, b, c${i});`).join("\n")}
    }
${all.map((i) => `    subgroupMatrixStore<row_major>(&out, (group.x * ${sums}u + ${i}u) * ${M * N}u, c${i}, ${N}u);`).join("\n")}
  }
}`,
    outBytes: subgroups * sums * M * N * 4,
    workgroups: subgroups,
  });
}
