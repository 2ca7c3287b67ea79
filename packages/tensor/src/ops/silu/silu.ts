import type { Tensor } from "../../tensor.ts";
import { opExpr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

/** x · sigmoid(x), also called swish (Elfwing et al. 2017). */
export const silu: Unary = /* @__PURE__ */ defineUnary({
  name: "silu",
  dtype: "float",
  expr: (x) => opExpr("mul", x, opExpr("sigmoid", x)),
  // d/dx x·s = s · (1 + x · (1 − s))
  grad: ({ x }, dy) => {
    const input = x(0) as Tensor;
    const s = input.sigmoid();
    return [dy.mul(s).mul(s.neg().add(1).mul(input).add(1))];
  },
  saves: [0],
});
