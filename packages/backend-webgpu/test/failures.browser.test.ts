// Failures in a page.

import { describe } from "vitest";
import { hasAdapter } from "./adapter.ts";
import { failureCases } from "./failure-cases.ts";

describe.skipIf(!hasAdapter)("webgpu in a page: failures", failureCases);
