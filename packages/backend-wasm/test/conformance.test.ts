// The shared conformance suite, on both builds. SIXTYONE_SEED=N runs the same cases on other numbers.

import { runConformance } from "@sixtyone/backend-testkit";
import { wasm } from "../src/index.ts";

const seed = Number(process.env["SIXTYONE_SEED"] ?? 61);

runConformance({ name: "wasm (relaxed SIMD)", create: () => wasm({ build: "relaxed" }), seed });
runConformance({ name: "wasm (plain SIMD)", create: () => wasm({ build: "simd" }), seed });
