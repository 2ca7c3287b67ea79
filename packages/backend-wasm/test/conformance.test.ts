// The shared conformance suite, on both builds.

import { runConformance } from "@sixtyone/backend-testkit";
import { wasm } from "../src/index.ts";

runConformance({ name: "wasm (relaxed SIMD)", create: () => wasm({ build: "relaxed" }) });
runConformance({ name: "wasm (plain SIMD)", create: () => wasm({ build: "simd" }) });
