// The conformance suite: call `runConformance` in a vitest file of a backend's package and the backend is
// held against the reference, primitive by primitive and op by op.

import { describe } from "vitest";
import { contractSuite } from "./suites/contract.ts";
import type { ConformanceOptions } from "./suites/context.ts";
import { determinismSuite } from "./suites/determinism.ts";
import { dtypeSuite } from "./suites/dtypes.ts";
import { errorSuite } from "./suites/errors.ts";
import { forwardSuite } from "./suites/forward.ts";
import { fusedSuite } from "./suites/fused.ts";
import { gradientSuite } from "./suites/gradient.ts";
import { nearZeroSuite } from "./suites/near-zero.ts";
import { primitiveSuite } from "./suites/primitives.ts";
import { programSuite } from "./suites/programs.ts";
import { quantizedSuite } from "./suites/quantized.ts";
import { randomSuite } from "./suites/random.ts";
import { replaySuite } from "./suites/replay.ts";
import { selectionSuite } from "./suites/selection.ts";

/** Defines all tests of one backend. */
export function runConformance(options: ConformanceOptions): void {
  describe(`${options.name}: conformance`, () => {
    contractSuite(options);
    primitiveSuite(options);
    fusedSuite(options);
    nearZeroSuite(options);
    forwardSuite(options);
    dtypeSuite(options);
    gradientSuite(options);
    determinismSuite(options);
    programSuite(options);
    quantizedSuite(options);
    selectionSuite(options);
    randomSuite(options);
    replaySuite(options);
    errorSuite(options);
  });
}
