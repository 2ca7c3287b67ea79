import { defineReduction, extremeGradient, type Reduction } from "../reduction.ts";

/** The smallest element over `axes` (all by default); NaN if any is NaN. Ties share the gradient evenly. */
export const min: Reduction = /* @__PURE__ */ defineReduction({
  name: "min",
  grad: extremeGradient,
  saves: [0, "output"],
});
