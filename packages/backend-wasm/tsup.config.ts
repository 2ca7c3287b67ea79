import { defineConfig } from "tsup";

export default defineConfig({
  entry: { index: "src/index.ts", inline: "src/inline.ts", worker: "src/worker.ts" },
  format: "esm",
  target: "es2024",
  dts: false,
  clean: true,
  sourcemap: true,
});
