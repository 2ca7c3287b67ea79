import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    "backend/index": "src/backend/index.ts",
    "nn/index": "src/nn/index.ts",
  },
  format: "esm",
  target: "es2024",
  dts: false,
  clean: true,
  sourcemap: true,
});
