// The reference backend against itself in double precision: what f32 loses stays within the tolerances
// that other backends are held to, and every gradient agrees with finite differences. SIXTYONE_SEED=N
// runs the same cases on other numbers.

import { runConformance } from "@sixtyone/backend-testkit";
import { reference } from "../src/backend/reference.ts";

runConformance({
  name: "reference",
  create: () => Promise.resolve(reference()),
  seed: Number(process.env["SIXTYONE_SEED"] ?? 61),
});
