// The whole conformance suite and the golden values in a page: Chromium's SwiftShader where there is no GPU.

import { runConformance, runGoldens } from "@sixtyone/backend-testkit";
import { test, vi } from "vitest";
import { hasAdapter, openBackend } from "./adapter.ts";

// SwiftShader compiles slowly, and one test runs 80 programs.
vi.setConfig({ testTimeout: 300_000 });

if (hasAdapter) {
  runConformance({ name: "webgpu in a page", create: () => openBackend() });
  await runGoldens({
    name: "webgpu in a page",
    create: () => openBackend(),
    flushesSubnormals: true, // as SwiftShader does
  });
} else {
  test.skip("webgpu in a page");
}
