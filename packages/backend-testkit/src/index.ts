// The public surface of the conformance suite.

export { runConformance } from "./conformance.ts";
export { runGoldens, type GoldenOptions } from "./goldens/golden-suite.ts";
export type { ConformanceOptions } from "./suites/context.ts";
export type { OpName } from "./op-names.ts";
