// The WebAssembly backend against PyTorch. SIXTYONE_GOLDENS=FOLDER runs fresh files of tools/goldens/ops.py.

import { runGoldens } from "@sixtyone/backend-testkit";
import { wasm } from "../src/index.ts";

for (const build of ["relaxed", "simd"] as const) {
  await runGoldens({
    name: `wasm ${build}`,
    create: () => wasm({ build }),
    folder: process.env["SIXTYONE_GOLDENS"],
  });
}
