import { readFile } from "node:fs/promises";
import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    "code/index": "src/code/index.ts",
    "code/guest/javascript-worker": "src/code/guest/javascript-worker.ts",
    "code/guest/python-worker": "src/code/guest/python-worker.ts",
  },
  format: "esm",
  target: "es2024",
  dts: false,
  clean: true,
  sourcemap: true,
  // Every entry is whole: the Python worker's process may read its own folder only, and bundlers find the
  // workers beside the file that starts them.
  splitting: false,
  removeNodeProtocol: false,
  esbuildPlugins: [
    {
      name: "worker addresses",
      setup(build) {
        build.onLoad({ filter: /-sandbox\.ts$/ }, async ({ path }) => ({
          contents: (await readFile(path, "utf8")).replaceAll('-worker.ts"', '-worker.js"'),
          loader: "ts",
        }));
      },
    },
  ],
});
