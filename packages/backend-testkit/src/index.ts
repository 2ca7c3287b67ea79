// The public surface of the conformance suite.

export { runConformance, type SuiteName } from "./conformance.ts";
export { runGoldens, type GoldenOptions } from "./goldens/golden-suite.ts";
export type { ConformanceOptions } from "./suites/context.ts";
export type { OpName } from "./op-names.ts";
export { findSupport, formatSupport, type BackendSupport, type SupportOptions } from "./support.ts";
export { formatPerf, measurePerf, type PerfOptions, type PerfRow } from "./perf.ts";
