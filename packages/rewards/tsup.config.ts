import { readFile } from "node:fs/promises";
import { defineConfig, type Options } from "tsup";

/** The sources start workers that are .ts files; the built ones are .js. */
export const workerAddresses: NonNullable<Options["esbuildPlugins"]>[number] = {
  name: "worker addresses",
  setup(build) {
    build.onLoad({ filter: /-(sandbox|pool)\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replaceAll('-worker.ts"', '-worker.js"'),
      loader: "ts",
    }));
  },
};

// The entries share what they have in common. What is a whole file of its own is built apart
// (tsup.workers.config.ts).
export default defineConfig({
  entry: {
    index: "src/index.ts",
    "code/index": "src/code/index.ts",
    "pool/index": "src/pool/index.ts",
    "compat/open-r1": "src/compat/open-r1.ts",
    "compat/trl": "src/compat/trl.ts",
    "countdown/countdown": "src/countdown/countdown.ts",
    "language/language-consistency": "src/language/language-consistency.ts",
    "language/ngram-identifier": "src/language/ngram-identifier.ts",
  },
  format: "esm",
  target: "es2024",
  dts: false,
  clean: true,
  sourcemap: true,
  splitting: true,
  removeNodeProtocol: false,
  esbuildPlugins: [workerAddresses],
});
