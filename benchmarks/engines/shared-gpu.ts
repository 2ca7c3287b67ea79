// WebGPU in Node for everybody in a run: one Dawn, from the npm package `webgpu`, put where browsers have
// it, so that every engine opens its device on the same adapter.

import { create, globals } from "webgpu";

export interface GpuOptions {
  /** A part of the adapter's name; Dawn's choice without it. */
  readonly adapter?: string | undefined;
  /** Lets devices ask for Chromium's experimental subgroup matrices. */
  readonly subgroupMatrices?: boolean;
}

export interface SharedGpu {
  /** Name, driver and kind of the adapter. */
  readonly description: string;
  readonly isSoftware: boolean;
}

let shared: Promise<SharedGpu> | undefined;

export function sharedGpu(options: GpuOptions): Promise<SharedGpu> {
  shared ??= open(options);
  return shared;
}

async function open({ adapter: name, subgroupMatrices }: GpuOptions): Promise<SharedGpu> {
  // A first step is to be a first step: the driver must not find the shaders of an earlier run on disk.
  process.env["MESA_SHADER_CACHE_DISABLE"] ??= "true";
  process.env["XDG_RUNTIME_DIR"] ??= "/tmp";
  const gpu = create([
    ...(name ? [`adapter=${name}`] : []),
    ...(subgroupMatrices ? ["enable-dawn-features=allow_unsafe_apis"] : []),
  ]);
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis.navigator, "gpu", { value: gpu, configurable: true });
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter)
    throw new Error(
      `no WebGPU adapter${name ? ` that matches "${name}"` : ""}: install a Vulkan driver`,
    );
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  return {
    description: [
      description,
      `(${[vendor, architecture, device].filter(Boolean).join(", ")})`,
    ].join(" "),
    isSoftware: isFallbackAdapter || /llvmpipe|swiftshader/i.test(description),
  };
}
