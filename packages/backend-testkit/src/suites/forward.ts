// Forward: shape, dtype and values of every op against the oracle.

import { describe } from "vitest";
import { describeMismatch, findMismatch } from "../compare.ts";
import { toleranceOf } from "../observed.ts";
import { runForward } from "../run-case.ts";
import type { Result } from "../run-case.ts";
import { openDevices, type ConformanceOptions } from "./context.ts";
import { testEveryOp } from "./op-test.ts";

export function forwardSuite(options: ConformanceOptions): void {
  describe("forward", () => {
    const context = openDevices(options);
    testEveryOp(
      context,
      () => true,
      async ({ opCase, seed }) => {
        const want = await runForward(context.oracle, opCase, seed);
        const got = await runForward(context.device, opCase, seed);
        const { forward } = toleranceOf(context.oracle, opCase, seed);
        return compareResults(got, want, forward);
      },
    );
  });
}

/** What is wrong with the results, or undefined. */
export function compareResults(
  got: readonly Result[],
  want: readonly Result[],
  tolerance: number,
): string | undefined {
  for (const [i, expected] of want.entries()) {
    const actual = got[i];
    const which = want.length > 1 ? `result ${i}: ` : "";
    if (!actual) return `${which}missing`;
    if (actual.shape.join() !== expected.shape.join()) {
      return `${which}shape [${actual.shape.join()}], expected [${expected.shape.join()}]`;
    }
    if (actual.dtype !== expected.dtype) {
      return `${which}dtype ${actual.dtype}, expected ${expected.dtype}`;
    }
    const mismatch = findMismatch(actual.data, expected.data, tolerance, expected.dtype);
    if (mismatch) return which + describeMismatch(mismatch);
  }
  return got.length === want.length ? undefined : `${got.length} results, expected ${want.length}`;
}
