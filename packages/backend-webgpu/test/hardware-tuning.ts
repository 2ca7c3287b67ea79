// What a GPU would choose, for tests on software adapters: barriers, shared tiles, attention in one pass.

import { tuningFor, type Tuning } from "../src/tuning.ts";

/** A small tile stands for the large ones, which take a software adapter seconds each to compile. */
export const hardwareTuning: Tuning = {
  ...tuningFor({ isSoftware: false, subgroup: 0, hasF16: false }),
  forcedTile: "8x8",
};
