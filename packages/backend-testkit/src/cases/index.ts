// All cases, one entry an op. An op of the library that is missing here is a compile error.

import type { OpCases } from "../op-case.ts";
import type { OpName } from "../op-names.ts";
import { choiceCases } from "./choices.ts";
import { elementwiseCases } from "./elementwise.ts";
import { functionCases } from "./functions.ts";
import { neuralCases } from "./neural.ts";
import { reductionCases } from "./reductions.ts";
import { placementCases } from "./placement.ts";
import { shapeCases } from "./shapes.ts";
import { statisticsCases } from "./statistics.ts";
import { whereCases } from "./where.ts";

export const opCases: Readonly<Record<OpName, OpCases>> = {
  ...elementwiseCases,
  ...functionCases,
  ...whereCases,
  ...reductionCases,
  ...statisticsCases,
  ...shapeCases,
  ...placementCases,
  ...neuralCases,
  ...choiceCases,
};

export const opNames: readonly OpName[] = Object.keys(opCases) as OpName[];
