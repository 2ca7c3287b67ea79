// The kernels that a GPU would be given (rows shared by 128 threads, staged tiles, attention in one pass),
// on a software adapter that would not choose them. Programs, errors and the rest of the contract are the
// same for all kernels: the other run has them.

import { runConformance } from "@sixtyone/backend-testkit";
import { describe } from "vitest";
import { hasAdapter, openBackend } from "./adapter.ts";
import { hardwareTuning } from "./hardware-tuning.ts";

describe.skipIf(!hasAdapter)("webgpu with the kernels of GPUs", () => {
  runConformance({ name: "webgpu", create: () => openBackend({ tuning: hardwareTuning }) }, [
    "primitives",
    "fused",
    "nearZero",
    "forward",
    "gradient",
    "dtypes",
    "quantized",
    "selection",
    "random",
  ]);
});

/** The same, adding up by the subgroups and reading the f16 that this adapter has. */
const { subgroup: _subgroup, hasF16: _hasF16, ...ownFeatures } = hardwareTuning;

describe.skipIf(!hasAdapter)("webgpu with the kernels of GPUs and this adapter's features", () => {
  runConformance({ name: "webgpu", create: () => openBackend({ tuning: ownFeatures }) }, ["fused"]);
});
