// The reference backend against PyTorch. SIXTYONE_GOLDENS=FOLDER runs fresh files of tools/goldens/ops.py.

import { runGoldens } from "@sixtyone/backend-testkit";
import { reference } from "../src/backend/reference.ts";

await runGoldens({
  name: "reference",
  create: () => Promise.resolve(reference()),
  folder: process.env["SIXTYONE_GOLDENS"],
});
