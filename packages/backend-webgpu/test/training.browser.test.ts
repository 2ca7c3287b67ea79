// Training steps and equal seeds in a page.

import { describe } from "vitest";
import { hasAdapter } from "./adapter.ts";
import { sameRandomCases } from "./same-random-cases.ts";
import { trainingCases } from "./training-cases.ts";

describe.skipIf(!hasAdapter)("webgpu in a page: training", trainingCases);
describe.skipIf(!hasAdapter)("webgpu in a page and wasm: the same seed", sameRandomCases);
