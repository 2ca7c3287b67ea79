import { defineReduction, type Reduction } from "../reduction.ts";

/** The largest element over `axes` (all by default); NaN if any is NaN. Ties share the gradient evenly. */
export const max: Reduction = /* @__PURE__ */ defineReduction({
  name: "max",
  grad: ({ input, output, attrs: { axes } }, dy) => {
    const taken = input(0).eq(output()).cast("f32");
    return [taken.mul(dy.div(taken.sum(axes, { keepDim: true })))];
  },
  saves: [0, "output"],
});
