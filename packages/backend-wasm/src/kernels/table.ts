// The kernels this backend has.

import type { KernelTable } from "@sixtyone/tensor/backend";
import { attention, attentionBackward } from "./attention.ts";
import type { Context } from "./context.ts";
import { groupedMatmul, groupedMatmulWeight } from "./grouped-matmul.ts";
import { groupedTopk } from "./grouped-topk.ts";
import { countingSort, gather, scatterAdd } from "./index-kernels.ts";
import { linearLogProb, linearLogProbBackward } from "./log-prob.ts";
import { map } from "./map.ts";
import { matmul } from "./matmul.ts";
import { adamW, rmsNorm, rmsNormBackward, softmax, softmaxBackward } from "./norm-kernels.ts";
import { quantizedMatmul } from "./quantized-matmul.ts";
import { reduce } from "./reduce.ts";
import { rope } from "./rope.ts";
import { argReduce, random, scan, sort } from "./row-kernels.ts";
import { sample } from "./sample.ts";

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
  rope,
  sample,
  groupedTopk,
  adamW,
};
