// The WebAssembly backend against PyTorch. SIXTYONE_GOLDENS=FOLDER runs fresh files of tools/goldens/ops.py.

import { runGoldens } from "@sixtyone/backend-testkit";
import { wasm } from "../src/index.ts";

for (const build of ["relaxed", "simd"] as const) {
  for (const threads of [1, 2]) {
    await runGoldens({
      name: `wasm ${build}, ${threads} thread${threads > 1 ? "s" : ""}`,
      create: () => wasm({ build, threads }),
      folder: process.env["SIXTYONE_GOLDENS"],
    });
  }
}
