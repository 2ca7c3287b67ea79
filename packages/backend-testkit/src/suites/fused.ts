// Fused kernels: every launch that the backend says it takes, against its composite on the oracle.

import { describe, expect, test } from "vitest";
import { tensor, type Device, type Tensor } from "@sixtyone/tensor";
import { computeType, type FusedName } from "@sixtyone/tensor/backend";
import { sameBits } from "../compare.ts";
import { compareOutput } from "../primitives/check-launch.ts";
import type { FusedSpec } from "../primitives/fused-spec.ts";
import { fusedSpecs } from "../primitives/fused-specs.ts";
import {
  describeSpec,
  materialize,
  strayWrite,
  type Materialized,
} from "../primitives/launch-spec.ts";
import { seedFor } from "../random-values.ts";
import { poisonFreeMemory } from "../run-case.ts";
import { openDevices, type ConformanceOptions, type SuiteContext } from "./context.ts";

export function fusedSuite(options: ConformanceOptions): void {
  describe("fused kernels", () => {
    const context = openDevices(options);
    for (const name of Object.keys(fusedSpecs) as FusedName[]) {
      test(name, async ({ skip }) => {
        const problems: string[] = [];
        let taken = 0;
        for (const [i, spec] of (fusedSpecs[name] as readonly FusedSpec<FusedName>[]).entries()) {
          const seed = seedFor(context.seed, `${name} ${i}`);
          const problem = await checkFused(context, spec, seed);
          if (problem !== "declined") taken++;
          if (problem && problem !== "declined") {
            problems.push(`${name}(${describeSpec(spec)}) seed ${context.seed}: ${problem}`);
          }
        }
        if (taken === 0) skip("the backend has no such kernel: the composite runs instead");
        expect(problems.join("\n")).toBe("");
      });
    }
  });
}

/** "declined" if the backend does not take the launch, what is wrong, or undefined. */
async function checkFused<K extends FusedName>(
  { device, oracle }: SuiteContext,
  spec: FusedSpec<K>,
  seed: number,
): Promise<string | undefined> {
  const { backend } = device;
  using _scope = oracle.scope();
  const run = async () => {
    poisonFreeMemory(device);
    const work = materialize(backend, spec, seed);
    const operands = await fillDerived(device, oracle, spec, work);
    try {
      if (!backend.supports(work.launch as never)) return undefined;
      backend.run(work.launch as never);
      return { outputs: await work.read(), operands };
    } finally {
      work.free();
    }
  };
  const first = await run();
  if (!first) return "declined";
  const second = await run();
  const want = spec.composite(first.operands, spec.params);
  for (const [i, output] of first.outputs.entries()) {
    const problem = compareOutput(output, [...(await want[i]!.data())], spec.tolerance);
    if (problem) return `output ${i}: ${problem}`;
    const stray = spec.inPlace ? undefined : strayWrite(output);
    if (stray !== undefined) return `output ${i}: wrote element ${stray}, outside its view`;
    const again = second!.outputs[i]!;
    if (!sameBits(output.bytes, again.bytes)) return `output ${i}: other bits on the second run`;
  }
  return undefined;
}

/** The operands on the oracle; those that follow from others are computed and written to the backend. */
async function fillDerived<K extends FusedName>(
  device: Device,
  oracle: Device,
  spec: FusedSpec<K>,
  work: Materialized<K>,
): Promise<Tensor[]> {
  const operands = spec.inputs.map(({ shape, dtype = "f32" }, i) => {
    const values = work.values[i]!;
    const flat = computeType(dtype) === "f32" ? Float32Array.from(values) : Int32Array.from(values);
    return tensor(oracle, flat, { shape, dtype });
  });
  const derived = spec.derive?.(operands) ?? [];
  for (const [i, replacement] of derived.entries()) {
    if (!replacement) continue;
    const { buffer } = work.launch.inputs[i]!;
    const data = await replacement.data();
    device.backend.write(buffer, 0, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    operands[i] = replacement;
  }
  return operands;
}
