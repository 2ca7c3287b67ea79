// The shared conformance suite and the golden values in a real page, on one thread and on two.

import { runConformance, runGoldens } from "@sixtyone/backend-testkit";
import { wasm } from "../src/index.ts";

runConformance({ name: "wasm in a page", create: () => wasm({ threads: 1 }) });
runConformance({ name: "wasm in a page, 2 threads", create: () => wasm({ threads: 2 }) });
await runGoldens({ name: "wasm in a page", create: () => wasm({ threads: 2 }) });
