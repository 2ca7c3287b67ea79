// The kernels this backend has.

import type { KernelTable } from "@sixtyone/tensor/backend";
import { adamW } from "./adam-w.ts";
import { argReduce } from "./arg-reduce.ts";
import { attention, attentionBackward } from "./attention.ts";
import type { Context } from "./context.ts";
import { countingSort } from "./counting-sort.ts";
import { groupedMatmul, groupedMatmulWeight } from "./grouped-matmul.ts";
import { gather } from "./gather.ts";
import { linearLogProb, linearLogProbBackward } from "./log-prob.ts";
import { map } from "./map.ts";
import { matmul } from "./matmul.ts";
import { rmsNorm, rmsNormBackward, softmax, softmaxBackward } from "./norm-kernels.ts";
import { quantizedMatmul } from "./quantized-matmul.ts";
import { random } from "./random.ts";
import { reduce } from "./reduce.ts";
import { scan } from "./scan.ts";
import { scatterAdd } from "./scatter-add.ts";
import { sort } from "./sort.ts";

export const kernels: KernelTable<[Context]> = {
  map,
  reduce,
  argReduce,
  matmul,
  gather,
  scatterAdd,
  scan,
  sort,
  countingSort,
  random,
  rmsNorm,
  rmsNormBackward,
  softmax,
  softmaxBackward,
  attention,
  attentionBackward,
  linearLogProb,
  linearLogProbBackward,
  groupedMatmul,
  groupedMatmulWeight,
  quantizedMatmul,
  adamW,
};
