import type { Tensor } from "../../tensor.ts";
import { opExpr } from "../../ir/expr.ts";
import { defineBinary, type Binary } from "../elementwise.ts";

/** aᵇ. A negative base gives a real result for whole exponents only, NaN otherwise (IEEE pow). */
export const pow: Binary = /* @__PURE__ */ defineBinary({
  name: "pow",
  dtype: "float",
  expr: (a, b) => opExpr("pow", a, b),
  grad: ({ x, y }, dy) => {
    const [base, exponent] = [x(0), x(1)];
    let forBase: Tensor | null = null;
    if (typeof base !== "number") {
      const lower = typeof exponent === "number" ? exponent - 1 : exponent.sub(1);
      forBase = dy.mul(base.pow(lower)).mul(exponent);
    }
    let forExponent: Tensor | null = null;
    if (typeof exponent !== "number") {
      // 0ᵇ is constant for b > 0: its slope is 0, where y · log 0 would be NaN.
      const slope = typeof base === "number" ? y.mul(Math.log(base)) : y.mul(base.log());
      const isZero = typeof base === "number" ? exponent.eq(NaN) : base.eq(0);
      forExponent = isZero.where(0, slope).mul(dy);
    }
    return [forBase, forExponent];
  },
  saves: [0, 1, "output"],
});
