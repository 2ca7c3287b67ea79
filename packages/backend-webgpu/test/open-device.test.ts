// Which adapter is asked for, which is refused, and what the device is asked for: on adapters made up here, so that
// machines with and without a GPU test the same.

import { UnsupportedError } from "@sixtyone/tensor";
import { afterEach, describe, expect, test, vi } from "vitest";
import { openDevice, type AdapterOptions, type MatrixConfig } from "../src/device/open-device.ts";

interface FakeAdapter {
  readonly description: string;
  readonly isFallbackAdapter?: boolean;
  readonly features?: readonly string[];
  readonly subgroupMatrixConfigs?: readonly MatrixConfig[];
}

const limits = {
  maxBufferSize: 2 ** 35,
  maxStorageBufferBindingSize: 2 ** 31,
  maxStorageBuffersPerShaderStage: 16,
  maxComputeWorkgroupsPerDimension: 65535,
};

/** A page whose browser offers `adapter`; returns what was asked of it. */
function pageWith(adapter: FakeAdapter | null) {
  const asked: { options?: GPURequestAdapterOptions; descriptor?: GPUDeviceDescriptor } = {};
  const gpu = {
    requestAdapter: async (options: GPURequestAdapterOptions) => {
      asked.options = options;
      if (!adapter) return null;
      return {
        info: { vendor: "", architecture: "", device: "", isFallbackAdapter: false, ...adapter },
        features: new Set(adapter.features),
        limits,
        requestDevice: async (descriptor: GPUDeviceDescriptor) => {
          asked.descriptor = descriptor;
          return {
            queue: {},
            limits: { ...limits, ...descriptor.requiredLimits },
            features: new Set(descriptor.requiredFeatures),
          };
        },
      };
    },
  };
  vi.stubGlobal("navigator", { gpu });
  return asked;
}

afterEach(() => vi.unstubAllGlobals());

const refusal = (options: AdapterOptions = {}): Promise<string> =>
  openDevice(options).then(
    () => "opened",
    (error: Error) => `${error.name}: ${error.message}`,
  );

describe("openDevice", () => {
  test("asks for the fastest adapter, or the one that saves power", async () => {
    const asked = pageWith({ description: "Chip 9000" });
    await openDevice({});
    expect(asked.options?.powerPreference).toBe("high-performance");
    await openDevice({ powerPreference: "low-power" });
    expect(asked.options?.powerPreference).toBe("low-power");
  });

  test("takes a GPU; a software adapter only on request", async () => {
    pageWith({ description: "Chip 9000" });
    expect(await openDevice({})).toMatchObject({ isSoftware: false, description: "Chip 9000" });
    const adapters: FakeAdapter[] = [
      { description: "llvmpipe (LLVM 19)" },
      { description: "SwiftShader Device" },
      { description: "Microsoft Basic Render Driver" },
      { description: "Something", isFallbackAdapter: true },
    ];
    for (const adapter of adapters) {
      pageWith(adapter);
      expect(await refusal()).toMatch(
        /^UnsupportedError: webgpu: ".+" is a software adapter, slower than/,
      );
      expect(await openDevice({ allowSoftware: true })).toMatchObject({ isSoftware: true });
      expect(await openDevice({ adapter: adapter.description.slice(0, 4) })).toMatchObject({
        isSoftware: true,
      });
    }
  });

  test("refuses an adapter of another name, and says what it got", async () => {
    pageWith({ description: "Chip 9000" });
    expect(await openDevice({ adapter: "chip" })).toMatchObject({ description: "Chip 9000" });
    expect(await refusal({ adapter: "Radeon" })).toBe(
      'UnsupportedError: webgpu: expected an adapter that matches "Radeon", got "Chip 9000".',
    );
  });

  test("says so where there is no adapter", async () => {
    pageWith(null);
    await expect(openDevice({})).rejects.toThrow(UnsupportedError);
    expect(await refusal()).toMatch(/no adapter was found. Install a driver/);
    expect(await refusal({ adapter: "Radeon" })).toMatch(
      /no adapter that matches "Radeon" was found/,
    );
  });

  test("asks for all limits and the features that kernels use", async () => {
    const features = ["shader-f16", "subgroups", "timestamp-query", "depth-clip-control"];
    const asked = pageWith({ description: "Chip 9000", features });
    const opened = await openDevice({});
    expect(asked.descriptor?.requiredLimits).toEqual(limits);
    expect(asked.descriptor?.requiredFeatures).toEqual([
      "shader-f16",
      "subgroups",
      "timestamp-query",
    ]);
    expect(asked.descriptor?.label).toBe("sixtyone");
    expect(opened.limits).toEqual({ storageBuffers: 16, workgroups: 65535, bufferBytes: 2 ** 31 });
    pageWith({ description: "Chip 9000" });
    const small = await openDevice({ requiredLimits: { maxStorageBuffersPerShaderStage: 8 } });
    expect(small.limits.storageBuffers).toBe(8);
  });

  test("asks for subgroup matrices only on request, and tells which there are", async () => {
    const feature = "chromium-experimental-subgroup-matrix";
    const config = { componentType: "f16", resultComponentType: "f32", M: 16, N: 16, K: 16 };
    const chip = { description: "Chip 9000", subgroupMatrixConfigs: [config] };
    const asked = pageWith({ ...chip, features: ["subgroups", feature] });
    expect((await openDevice({})).matrixConfigs).toEqual([]);
    expect(asked.descriptor?.requiredFeatures).toEqual(["subgroups"]);
    expect((await openDevice({ subgroupMatrices: true })).matrixConfigs).toEqual([config]);
    expect(asked.descriptor?.requiredFeatures).toEqual(["subgroups", feature]);
    pageWith({ ...chip, features: ["subgroups"] });
    expect((await openDevice({ subgroupMatrices: true })).matrixConfigs).toEqual([]);
  });
});
