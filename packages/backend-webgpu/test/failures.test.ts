// Failures on llvmpipe in Node.

import { describe } from "vitest";
import { hasAdapter } from "./adapter.ts";
import { failureCases } from "./failure-cases.ts";

describe.skipIf(!hasAdapter)("webgpu in Node: failures", failureCases);
