// Launches of the primitives other than `map`, one list each. What shares a kernel's difficulties shares a
// file; the random numbers are here because they share none.

import type { PrimitiveName } from "@sixtyone/tensor/backend";
import type { Values } from "../random-values.ts";
import { gatherSpecs, scatterSpecs } from "./index-specs.ts";
import type { LaunchSpec } from "./launch-spec.ts";
import { matmulSpecs } from "./matmul-specs.ts";
import { argSpecs, countingSpecs, scanSpecs, sortSpecs } from "./order-specs.ts";
import { reduceSpecs } from "./reduce-specs.ts";

const list = (...values: number[]): Values => ({ kind: "list", values });

function randomOf(count: number, state: readonly number[]): LaunchSpec<"random"> {
  return {
    kernel: "random",
    note: `state ${state.join()}`,
    params: {},
    inputs: [{ shape: [4], dtype: "u32", values: list(...state) }],
    outputs: [{ shape: [count], dtype: "u32" }],
  };
}

const randomSpecs: readonly LaunchSpec<"random">[] = [
  randomOf(1, [0, 0, 0, 0]),
  randomOf(7, [0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3]),
  randomOf(1001, [61, 0, 5, 0]),
  // The 64-bit counter carries into its high word, and wraps.
  randomOf(20, [1, 2, 4294967290, 7]),
  randomOf(20, [1, 2, 4294967293, 4294967295]),
];

export type StructuredName = Exclude<PrimitiveName, "map">;

/** A primitive without launches here does not compile. */
export const structuredSpecs: { readonly [K in StructuredName]: readonly LaunchSpec<K>[] } = {
  reduce: reduceSpecs,
  argReduce: argSpecs,
  matmul: matmulSpecs,
  gather: gatherSpecs,
  scatterAdd: scatterSpecs,
  scan: scanSpecs,
  sort: sortSpecs,
  countingSort: countingSpecs,
  random: randomSpecs,
};
