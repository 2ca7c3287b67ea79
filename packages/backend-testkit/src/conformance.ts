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

const suites = {
  contract: contractSuite,
  primitives: primitiveSuite,
  fused: fusedSuite,
  nearZero: nearZeroSuite,
  forward: forwardSuite,
  dtypes: dtypeSuite,
  gradient: gradientSuite,
  determinism: determinismSuite,
  programs: programSuite,
  quantized: quantizedSuite,
  selection: selectionSuite,
  random: randomSuite,
  replay: replaySuite,
  errors: errorSuite,
} as const;

export type SuiteName = keyof typeof suites;

/**
 * Defines all tests of one backend. `only`: some suites of them, for a second run with other options that
 * need not repeat everything.
 */
export function runConformance(options: ConformanceOptions, only?: readonly SuiteName[]): void {
  describe(`${options.name}: conformance`, () => {
    for (const name of only ?? (Object.keys(suites) as SuiteName[])) suites[name](options);
  });
}
