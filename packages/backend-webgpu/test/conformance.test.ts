// The whole conformance suite on a software Vulkan adapter in Node.

import { runConformance } from "@sixtyone/backend-testkit";
import { describe, vi } from "vitest";
import { hasAdapter, openBackend } from "./adapter.ts";

// A busy machine compiles slowly, and one test runs 80 programs.
vi.setConfig({ testTimeout: 300_000 });

describe.skipIf(!hasAdapter)("webgpu on llvmpipe", () => {
  runConformance({ name: "webgpu", create: () => openBackend() });
});
