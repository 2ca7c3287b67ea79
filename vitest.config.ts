// Two projects: `node` runs everything but *.browser.test.ts, `chromium` runs those in a real browser.
// Where there is no Chromium the second is left out and says so; with SIXTYONE_REQUIRE=chromium that is a
// failure.

import { existsSync } from "node:fs";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";

const chromiumPath = [
  process.env["CHROMIUM_PATH"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
].find((path) => path !== undefined && existsSync(path));

const required = (process.env["SIXTYONE_REQUIRE"] ?? "").split(",");
if (chromiumPath === undefined) {
  const message =
    "no Chromium found: the browser tests are left out. Install it or set CHROMIUM_PATH.";
  if (required.includes("chromium")) throw new Error(message);
  console.warn(`SKIPPED: ${message}`);
}

const conditions = ["sixtyone-source", "module", "import", "default"];
const isRoot = process.getuid?.() === 0;

export default defineConfig({
  resolve: { conditions: [...conditions, "browser"] },
  ssr: { resolve: { conditions: [...conditions, "node"] } },
  // Shared memory, and with it WebAssembly threads, needs a cross-origin isolated page.
  server: {
    headers: {
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
    },
  },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "node",
          include: ["{packages,examples,benchmarks}/**/*.test.ts", "tools/**/*.test.ts"],
          exclude: ["**/node_modules/**", "**/dist/**", "**/*.browser.test.ts"],
          testTimeout: 60_000,
        },
      },
      ...(chromiumPath === undefined
        ? []
        : [
            {
              extends: true as const,
              // Workers import these, where vite finds them too late: it would bundle them in the middle of a run
              // and reload the page under the tests. They are ES modules, which load as they are.
              optimizeDeps: { exclude: ["quickjs-wasi", "pyodide"] },
              test: {
                name: "chromium",
                include: ["{packages,examples}/**/*.browser.test.ts"],
                exclude: ["**/node_modules/**", "**/dist/**"],
                testTimeout: 60_000,
                env: {
                  SIXTYONE_REQUIRE: required.join(),
                  // Beside the sandboxes' attacks a page may wait for its turn on a small machine.
                  VITEST_BROWSER_IFRAME_TIMEOUT: "180000",
                },
                browser: {
                  enabled: true,
                  connectTimeout: 180_000,
                  headless: true,
                  screenshotFailures: false,
                  instances: [{ browser: "chromium" as const }],
                  provider: playwright({
                    launchOptions: {
                      executablePath: chromiumPath,
                      args: ["--enable-unsafe-webgpu", ...(isRoot ? ["--no-sandbox"] : [])],
                    },
                  }),
                },
              },
            },
          ]),
    ],
  },
});
