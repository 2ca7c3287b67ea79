import { defineConfig } from "tsup";

// Each worker is one whole file: the Python worker's process may read its own folder only, and bundlers find
// the workers beside the file that starts them.
export default defineConfig({
  entry: {
    "code/guest/javascript-worker": "src/code/guest/javascript-worker.ts",
    "code/guest/python-worker": "src/code/guest/python-worker.ts",
  },
  format: "esm",
  target: "es2024",
  dts: false,
  clean: false,
  sourcemap: true,
  splitting: false,
  removeNodeProtocol: false,
});
