// Primitives: launches given to the backend directly through the contract, without the core in between.

import { describe, expect, test } from "vitest";
import type { KernelName, ScalarOp } from "@sixtyone/tensor/backend";
import { checkLaunch } from "../primitives/check-launch.ts";
import { describeSpec, type LaunchSpec } from "../primitives/launch-spec.ts";
import { mapSpecs } from "../primitives/map-specs.ts";
import { scalarOpSpecs } from "../primitives/scalar-op-specs.ts";
import { structuredSpecs, type StructuredName } from "../primitives/structured-specs.ts";
import { seedFor } from "../random-values.ts";
import { poisonFreeMemory } from "../run-case.ts";
import { openDevices, type ConformanceOptions, type SuiteContext } from "./context.ts";

export function primitiveSuite(options: ConformanceOptions): void {
  describe("scalar ops", () => {
    const context = openDevices(options);
    const specs = scalarOpSpecs(context.seed);
    for (const op of Object.keys(specs) as ScalarOp[]) testLaunches(context, op, specs[op]);
  });
  describe("primitives", () => {
    const context = openDevices(options);
    testLaunches(context, "map", mapSpecs);
    for (const name of Object.keys(structuredSpecs) as StructuredName[]) {
      testLaunches(context, name, structuredSpecs[name]);
    }
  });
}

function testLaunches(
  context: SuiteContext,
  title: string,
  specs: readonly LaunchSpec<KernelName>[],
): void {
  test(title, async () => {
    const problems: string[] = [];
    for (const [i, spec] of specs.entries()) {
      poisonFreeMemory(context.device);
      const seed = seedFor(context.seed, `${title} ${i}`);
      const { device, oracle } = context;
      const problem = await checkLaunch(device.backend, oracle.backend, spec, seed);
      if (problem)
        problems.push(`${title}(${describeSpec(spec)}) seed ${context.seed}: ${problem}`);
    }
    expect(problems.join("\n")).toBe("");
  });
}
