// One run with validation of every call: each launch in an error scope and a submit of its own.

import { runConformance } from "@sixtyone/backend-testkit";
import { describe, vi } from "vitest";
import { hasAdapter, openBackend } from "./adapter.ts";

vi.setConfig({ testTimeout: 120_000 });

describe.skipIf(!hasAdapter)("webgpu, validating", () => {
  runConformance({ name: "webgpu", create: () => openBackend({ validate: true }) }, [
    "contract",
    "primitives",
    "fused",
    "replay",
    "errors",
  ]);
});
