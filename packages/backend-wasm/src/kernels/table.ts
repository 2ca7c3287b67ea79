// The kernels this backend has.

import type { KernelTable } from "@sixtyone/tensor/backend";
import type { Context } from "./context.ts";
import { countingSort, gather, scatterAdd } from "./index-kernels.ts";
import { map } from "./map.ts";
import { matmul } from "./matmul.ts";
import { reduce } from "./reduce.ts";
import { argReduce, random, scan, sort } from "./row-kernels.ts";

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
};
