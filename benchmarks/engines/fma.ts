// The rate of multiply-adds alone, in a shader that does nothing else: independent chains in registers.

import { fmaFlops } from "../suites/roofline.ts";
import type { Prepared } from "../engine.ts";
import { prepareShader } from "./prepare-shader.ts";

const chains = 16;
const workgroup = 256;
const threads = 2 ** 17;
const steps = fmaFlops / 2 / chains / threads;

/** undefined where the device has no f16. */
export function prepareFma(device: GPUDevice, dtype: "f32" | "f16"): Prepared | undefined {
  if (dtype === "f16" && !device.features.has("shader-f16")) return undefined;
  const all = Array.from({ length: chains }, (_, i) => i);
  return prepareShader(device, {
    label: `multiply-adds ${dtype}`,
    code: `${dtype === "f16" ? "enable f16;" : ""}
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(${workgroup})
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let m = ${dtype}(0.999) + ${dtype}(id.x & 1u) * ${dtype}(0.0005);
${all.map((i) => `  var x${i} = ${dtype}(${i + 1});`).join("\n")}
  for (var i = 0u; i < ${steps}u; i = i + 1u) {
${all.map((i) => `    x${i} = fma(x${i}, m, ${dtype}(0.5));`).join("\n")}
  }
  out[id.x] = f32(${all.map((i) => `x${i}`).join(" + ")});
}`,
    outBytes: threads * 4,
    workgroups: threads / workgroup,
  });
}
