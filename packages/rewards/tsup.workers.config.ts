import { defineConfig } from "tsup";
import { workerAddresses } from "./tsup.config.ts";

// Each worker is one whole file: the Python worker's process may read its own folder only, and bundlers find
// the workers beside the file that starts them. The command is one too: a part it shared would lie in another
// folder, from where it would look for its worker in vain.
export default defineConfig({
  entry: {
    "code/guest/javascript-worker": "src/code/guest/javascript-worker.ts",
    "code/guest/python-worker": "src/code/guest/python-worker.ts",
    "pool/reward-worker": "src/pool/reward-worker.ts",
    "cli/main": "src/cli/main.ts",
  },
  format: "esm",
  target: "es2024",
  dts: false,
  clean: false,
  sourcemap: true,
  splitting: false,
  removeNodeProtocol: false,
  esbuildPlugins: [workerAddresses],
});
