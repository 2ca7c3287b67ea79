// Training steps and equal seeds in Node.

import { describe } from "vitest";
import { hasAdapter } from "./adapter.ts";
import { sameRandomCases } from "./same-random-cases.ts";
import { trainingCases } from "./training-cases.ts";

describe.skipIf(!hasAdapter)("webgpu in Node: training", trainingCases);
describe.skipIf(!hasAdapter)("webgpu in Node and wasm: the same seed", sameRandomCases);
