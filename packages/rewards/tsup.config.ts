import { readFile } from "node:fs/promises";
import { defineConfig } from "tsup";

// The entries share what they have in common. The sandboxes' workers are built apart (tsup.workers.config.ts).
export default defineConfig({
  entry: {
    index: "src/index.ts",
    "code/index": "src/code/index.ts",
    "compat/open-r1": "src/compat/open-r1.ts",
    "compat/trl": "src/compat/trl.ts",
    "cli/main": "src/cli/main.ts",
  },
  format: "esm",
  target: "es2024",
  dts: false,
  clean: true,
  sourcemap: true,
  splitting: true,
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
