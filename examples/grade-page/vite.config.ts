// The page imports the packages' sources, like everything in this repository.

import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  resolve: { conditions: ["sixtyone-source", "module", "browser", "import", "default"] },
  build: { target: "es2024" },
  worker: { format: "es" },
});
