// The shared conformance suite and the golden values in a real page, on both builds, on one thread and on two.

import { runConformance, runGoldens } from "@sixtyone/backend-testkit";
import { wasm } from "../src/index.ts";

for (const build of ["relaxed", "simd"] as const) {
  for (const threads of [1, 2]) {
    const name = `wasm in a page (${build} SIMD, ${threads} thread${threads > 1 ? "s" : ""})`;
    runConformance({ name, create: () => wasm({ build, threads }) });
    await runGoldens({ name, create: () => wasm({ build, threads }) });
  }
}
