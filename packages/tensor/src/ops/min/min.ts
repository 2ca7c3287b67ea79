import { defineReduction, type Reduction } from "../reduction.ts";

/** The smallest element over `axes` (all by default); NaN if any is NaN. Ties share the gradient evenly. */
export const min: Reduction = /* @__PURE__ */ defineReduction({
  name: "min",
  grad: ({ input, output, attrs: { axes } }, dy) => {
    const taken = input(0).eq(output()).cast("f32");
    return [taken.mul(dy.div(taken.sum(axes, { keepDim: true })))];
  },
  saves: [0, "output"],
});
