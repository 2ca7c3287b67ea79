// The shared conformance suite, on both builds, on one thread and on two. SIXTYONE_SEED=N runs the same cases on other numbers.

import { runConformance } from "@sixtyone/backend-testkit";
import { wasm } from "../src/index.ts";

const seed = Number(process.env["SIXTYONE_SEED"] ?? 61);

for (const build of ["relaxed", "simd"] as const) {
  for (const threads of [1, 2]) {
    runConformance({
      name: `wasm (${build} SIMD, ${threads} thread${threads > 1 ? "s" : ""})`,
      create: () => wasm({ build, threads }),
      seed,
    });
  }
}
