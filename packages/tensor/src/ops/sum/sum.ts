import { defineReduction, type Reduction } from "../reduction.ts";

/** The sum over `axes` (all by default). bool counts as 0 and 1. */
export const sum: Reduction = /* @__PURE__ */ defineReduction({
  name: "sum",
  grad: ({ shape }, dy) => [dy.expand(shape(0))],
});
