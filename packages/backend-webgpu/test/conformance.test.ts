// The whole conformance suite on a software Vulkan adapter in Node.

import { runConformance } from "@sixtyone/backend-testkit";
import { describe } from "vitest";
import { hasAdapter, openBackend } from "./adapter.ts";

describe.skipIf(!hasAdapter)("webgpu on llvmpipe", () => {
  runConformance({ name: "webgpu", create: () => openBackend() });
});
