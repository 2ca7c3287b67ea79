// What every suite of the conformance run gets: the device under test, the oracle, and the seed.

import { afterAll, beforeAll } from "vitest";
import { createDevice, type Backend, type Device } from "@sixtyone/tensor";
import { reference } from "@sixtyone/tensor/backend";
import type { OpName } from "../op-names.ts";

export interface ConformanceOptions {
  /** Shown in test names and in SUPPORT.md. */
  readonly name: string;
  /** Called for each suite; what it gives is disposed afterwards. */
  readonly create: () => Promise<Backend>;
  /** Other numbers, same cases. Default 61. */
  readonly seed?: number;
  /** Ops that are known not to pass, each with the reason. Shown as skipped. */
  readonly skip?: { readonly [Name in OpName]?: string };
}

export interface SuiteContext {
  readonly options: ConformanceOptions;
  readonly seed: number;
  readonly device: Device;
  /** The reference backend in double precision: no fused kernels, no f32 rounding. */
  readonly oracle: Device;
}

/** Devices for the surrounding `describe`; usable inside its tests. */
export function openDevices(options: ConformanceOptions): SuiteContext {
  let device: Device | undefined;
  const oracle = createDevice(reference({ precision: "f64" }));
  beforeAll(async () => {
    device = createDevice(await options.create());
  });
  afterAll(() => device?.dispose());
  return {
    options,
    seed: options.seed ?? 61,
    oracle,
    get device() {
      if (!device) throw new Error("the device exists only while the tests of its suite run");
      return device;
    },
  };
}
