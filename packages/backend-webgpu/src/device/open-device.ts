// Opens a device: picks the adapter, raises every limit to what it offers, asks for the features that
// kernels use. Software adapters (llvmpipe, SwiftShader, WARP) are slower than the WebAssembly backend,
// so they are taken only on request.

import { UnsupportedError } from "@sixtyone/tensor/backend";
import { findGpu } from "./find-gpu.ts";

export interface AdapterOptions {
  /** "high-performance" (default) or "low-power", where the machine has both. */
  readonly powerPreference?: "high-performance" | "low-power";
  /** A part of the adapter's name. In Node it picks among adapters (by exact case); in a page it only checks. */
  readonly adapter?: string;
  /** Takes a software adapter too. Naming one in `adapter` is a request as well. Default false. */
  readonly allowSoftware?: boolean;
  /**
   * Asks for Chromium's experimental subgroup matrices (tensor cores and their like) where the adapter has
   * them; products use them once `tune()` has found them faster and as exact. A page sees them only where the
   * browser runs with unsafe WebGPU enabled. Default false.
   */
  readonly subgroupMatrices?: boolean;
  /** Node only: switches of Dawn, by their names in Dawn's Toggles.cpp. */
  readonly enableToggles?: readonly string[];
  readonly disableToggles?: readonly string[];
  /**
   * Lower limits than the adapter's, by WebGPU's names: to see how a program does on a smaller device.
   * Default: all that the adapter has.
   */
  readonly requiredLimits?: Readonly<Record<string, number>>;
}

/** The limits that shape what kernels do. */
export interface Limits {
  /** Buffers of one dispatch, its parameters not counted. */
  readonly storageBuffers: number;
  /** Workgroups in each dimension of a dispatch. */
  readonly workgroups: number;
  /** Bytes of one buffer. */
  readonly bufferBytes: number;
}

/** GPUSubgroupMatrixConfig: C (M × N) += A (M × K) · B (K × N). */
export interface MatrixConfig {
  readonly componentType: string;
  readonly resultComponentType: string;
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

export interface OpenDevice {
  readonly device: GPUDevice;
  readonly isSoftware: boolean;
  readonly limits: Limits;
  /** The subgroup matrices that the device may use. */
  readonly matrixConfigs: readonly MatrixConfig[];
  /** For people. */
  readonly description: string;
}

const softwareNames = /llvmpipe|lavapipe|swiftshader|software|basic render|warp/i;

function describe({ vendor, architecture, device, description }: GPUAdapterInfo): string {
  const parts = [description || device, vendor, architecture].filter((part) => part.length > 0);
  return [...new Set(parts)].join(" ") || "unnamed adapter";
}

const wantedFeatures = ["shader-f16", "subgroups", "timestamp-query"] as const;
const matrixFeature = "chromium-experimental-subgroup-matrix" as GPUFeatureName;

/** Of the adapter: the device's own info lists none in Dawn. */
function matrixConfigs(adapter: GPUAdapter): readonly MatrixConfig[] {
  const info = adapter.info as GPUAdapterInfo & {
    readonly subgroupMatrixConfigs?: readonly MatrixConfig[];
  };
  return [...(info.subgroupMatrixConfigs ?? [])];
}

function raisedLimits(
  limits: GPUSupportedLimits,
  lowered: Readonly<Record<string, number>>,
): Record<string, number> {
  const raised: Record<string, number> = {};
  // Limits are getters of the prototype; `for in` sees them.
  for (const name in limits) {
    const value = limits[name as keyof GPUSupportedLimits];
    if (typeof value === "number") raised[name] = lowered[name] ?? value;
  }
  return raised;
}

/** A device has at least WebGPU's default limits, whatever lower ones were asked for. */
function effectiveLimits(device: GPUDevice, lowered: Readonly<Record<string, number>>): Limits {
  const limit = (name: keyof GPUSupportedLimits): number =>
    Math.min(device.limits[name] as number, lowered[name] ?? Infinity);
  return {
    storageBuffers: limit("maxStorageBuffersPerShaderStage"),
    workgroups: limit("maxComputeWorkgroupsPerDimension"),
    // Addresses in shaders are 32 bits wide.
    bufferBytes: Math.min(
      limit("maxBufferSize"),
      limit("maxStorageBufferBindingSize"),
      2 ** 32 - 4,
    ),
  };
}

async function requestAdapter(
  gpu: GPU,
  { powerPreference, adapter }: AdapterOptions,
): Promise<GPUAdapter | null> {
  try {
    return await gpu.requestAdapter({ powerPreference: powerPreference ?? "high-performance" });
  } catch (cause) {
    // Dawn throws where no adapter has the name, and lists those there are.
    throw new UnsupportedError(
      `webgpu: no adapter that matches "${adapter ?? ""}": ${(cause as Error).message.trim()}`,
    );
  }
}

/** Throws UnsupportedError without an adapter, or with only a software one that nobody asked for. */
export async function openDevice(options: AdapterOptions): Promise<OpenDevice> {
  const { requiredLimits = {}, subgroupMatrices = false } = options;
  const gpu = await findGpu({
    adapter: options.adapter,
    enable: [...(options.enableToggles ?? []), ...(subgroupMatrices ? ["allow_unsafe_apis"] : [])],
    disable: options.disableToggles,
  });
  const adapter = await requestAdapter(gpu, options);
  const asked = options.adapter === undefined ? "" : ` that matches "${options.adapter}"`;
  if (!adapter) {
    throw new UnsupportedError(
      `webgpu: no adapter${asked} was found. Install a driver (Vulkan on Linux, for example the package ` +
        `mesa-vulkan-drivers), or use @sixtyone/backend-wasm.`,
    );
  }
  const name = describe(adapter.info);
  const isSoftware = adapter.info.isFallbackAdapter || softwareNames.test(name);
  const namesIt = options.adapter !== undefined && matches(name, options.adapter);
  if (options.adapter !== undefined && !namesIt) {
    throw new UnsupportedError(`webgpu: expected an adapter${asked}, got "${name}".`);
  }
  if (isSoftware && !options.allowSoftware && !namesIt) {
    throw new UnsupportedError(
      `webgpu: "${name}" is a software adapter, slower than @sixtyone/backend-wasm. To use it all the ` +
        `same, pass { allowSoftware: true } or name it as the adapter.`,
    );
  }
  const wanted = [...wantedFeatures, ...(subgroupMatrices ? [matrixFeature] : [])];
  const device = await adapter.requestDevice({
    label: "sixtyone",
    requiredFeatures: wanted.filter((feature) => adapter.features.has(feature)),
    requiredLimits: raisedLimits(adapter.limits, requiredLimits),
  });
  device.queue.label = "sixtyone"; // Dawn does not take it from the descriptor
  return {
    device,
    isSoftware,
    limits: effectiveLimits(device, requiredLimits),
    matrixConfigs: device.features.has(matrixFeature) ? matrixConfigs(adapter) : [],
    description: name,
  };
}

function matches(name: string, wish: string): boolean {
  return name.toLowerCase().includes(wish.toLowerCase());
}
