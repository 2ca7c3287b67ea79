import { defineReduction, extremeGradient, type Reduction } from "../reduction.ts";

/** The largest element over `axes` (all by default); NaN if any is NaN. Ties share the gradient evenly. */
export const max: Reduction = /* @__PURE__ */ defineReduction({
  name: "max",
  grad: extremeGradient,
  saves: [0, "output"],
});
