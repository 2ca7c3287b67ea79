// The WebGPU backend against PyTorch. SIXTYONE_GOLDENS=FOLDER runs fresh files of tools/goldens/ops.py.

import { runGoldens } from "@sixtyone/backend-testkit";
import { hasAdapter, openBackend } from "./adapter.ts";

if (hasAdapter) {
  await runGoldens({
    name: "webgpu",
    create: () => openBackend(),
    folder: process.env["SIXTYONE_GOLDENS"],
  });
}
