// The backend for tests: Mesa's llvmpipe in Node, SwiftShader in Chromium, or a GPU. Where there is none
// the tests say so and are left out, unless SIXTYONE_REQUIRE names webgpu.

import { webgpu, type WebGpuBackend, type WebGpuOptions } from "../src/index.ts";

// Tests compile thousands of kernels and run each once: llvmpipe spends its time in LLVM. Without its
// optimiser, and on narrower vectors, that takes a third. Read when the driver is loaded.
if (typeof process !== "undefined") {
  process.env["GALLIVM_PERF"] ??= "nopt";
  process.env["LP_NATIVE_VECTOR_WIDTH"] ??= "128";
}

export function openBackend(options: WebGpuOptions = {}): Promise<WebGpuBackend> {
  return webgpu({ allowSoftware: true, ...options });
}

/** In a page vitest's configuration passes the variables on. */
function environment(): Readonly<Record<string, string | undefined>> {
  if (typeof process !== "undefined") return process.env;
  return (import.meta as { env?: Record<string, string> }).env ?? {};
}

async function findAdapter(): Promise<boolean> {
  try {
    (await openBackend()).dispose();
    return true;
  } catch (error) {
    if (environment()["SIXTYONE_REQUIRE"]?.split(",").includes("webgpu")) throw error;
    console.warn(
      `SKIPPED: no WebGPU adapter, its tests are left out. On Debian install mesa-vulkan-drivers from ` +
        `bookworm-backports and libvulkan1; Chromium brings its own. (${(error as Error).message})`,
    );
    return false;
  }
}

export const hasAdapter: boolean = await findAdapter();
