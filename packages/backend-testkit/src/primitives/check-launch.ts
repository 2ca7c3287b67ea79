// Runs a launch on the backend under test and on the oracle and compares element by element.

import {
  decodeBF16,
  decodeF16,
  viewBytes,
  type Backend,
  type KernelName,
} from "@sixtyone/tensor/backend";
import { describeMismatch, findMismatch, sameBits, ulpDistance } from "../compare.ts";
import { materialize, strayWrite, type LaunchSpec, type RawOutput } from "./launch-spec.ts";

/** Logical elements of an output, row-major. */
export function decodeOutput({ bytes, dtype, offsets }: RawOutput): number[] {
  const count = Math.floor(bytes.byteLength / (dtype === "f16" || dtype === "bf16" ? 2 : 4));
  const words = viewBytes(dtype, bytes.slice().buffer, 0, count);
  return offsets.map((at) => {
    if (dtype === "f16") return decodeF16(words[at]!);
    return dtype === "bf16" ? decodeBF16(words[at]!) : words[at]!;
  });
}

async function runSpec<K extends KernelName>(backend: Backend, spec: LaunchSpec<K>, seed: number) {
  const work = materialize(backend, spec, seed);
  try {
    // The contract: a primitive within the capabilities is always taken.
    if (!backend.supports(work.launch as never)) return "supports() says no";
    backend.run(work.launch as never);
    return await work.read();
  } finally {
    work.free();
  }
}

/** What is wrong with a primitive's launch, or undefined. */
export async function checkLaunch<K extends KernelName>(
  backend: Backend,
  oracle: Backend,
  spec: LaunchSpec<K>,
  seed: number,
): Promise<string | undefined> {
  const got = await runSpec(backend, spec, seed);
  if (typeof got === "string") return got;
  const again = (await runSpec(backend, spec, seed)) as RawOutput[];
  const want = (await runSpec(oracle, spec, seed)) as RawOutput[];
  for (const [i, output] of got.entries()) {
    const problem = compareOutput(output, decodeOutput(want[i]!), spec.tolerance);
    if (problem) return `output ${i}: ${problem}`;
    const stray = spec.inPlace ? undefined : strayWrite(output);
    if (stray !== undefined) return `output ${i}: wrote element ${stray}, outside its view`;
    if (!sameBits(output.bytes, again[i]!.bytes))
      return `output ${i}: other bits on the second run`;
  }
  return undefined;
}

export function compareOutput(
  output: RawOutput,
  want: readonly number[],
  tolerance: LaunchSpec["tolerance"] = { relative: 0 },
): string | undefined {
  const got = decodeOutput(output);
  if ("relative" in tolerance) {
    const mismatch = findMismatch(got, want, tolerance.relative, output.dtype);
    return mismatch && describeMismatch(mismatch);
  }
  for (const [index, expected] of want.entries()) {
    const actual = got[index]!;
    if (isFlushed(actual, expected)) continue;
    // The oracle's value was rounded to f32 on its way here: half a unit.
    const allowed = tolerance.ulp === 0 ? 0 : tolerance.ulp + 0.5;
    const distance = ulpDistance(actual, expected);
    if (distance > allowed) {
      return `element ${index}: got ${actual}, expected ${expected} (${distance.toFixed(1)} ulp, allowed ${tolerance.ulp})`;
    }
  }
  return undefined;
}

/** Devices may flush subnormal numbers to zero. */
function isFlushed(got: number, want: number): boolean {
  return want !== 0 && Math.abs(want) < 2 ** -126 && Math.abs(got) <= 2 ** -126;
}
