import { opExpr, scalarExpr } from "../../ir/expr.ts";
import type { Tensor } from "../../tensor.ts";
import { defineUnary } from "../elementwise.ts";
import { erf } from "../erf/erf.ts";

/** x · Φ(x). One op, so that its gradient saves x alone and is one kernel. */
const exactGelu = /* @__PURE__ */ defineUnary({
  name: "gelu",
  dtype: "float",
  expr: (x) => {
    const half = scalarExpr(0.5, "f32");
    const inner = opExpr("erf", opExpr("mul", x, scalarExpr(Math.SQRT1_2, "f32")));
    return opExpr("mul", x, opExpr("add", opExpr("mul", inner, half), half));
  },
  // d/dx x·Φ(x) = Φ(x) + x·φ(x)
  grad: ({ x }, dy) => {
    const input = x(0) as Tensor;
    const distribution = erf(input.mul(Math.SQRT1_2)).mul(0.5).add(0.5);
    const density = input
      .mul(input)
      .mul(-0.5)
      .exp()
      .mul(1 / Math.sqrt(2 * Math.PI));
    return [dy.mul(input.mul(density).add(distribution))];
  },
  saves: [0],
});

/** x · Φ(x), Φ the normal distribution function (Hendrycks & Gimpel 2016); exact or with tanh. */
export function gelu(
  x: Tensor,
  { approximate = "none" }: { readonly approximate?: "none" | "tanh" } = {},
): Tensor {
  if (approximate === "none") return exactGelu(x);
  const inner = x
    .mul(x)
    .mul(0.044715)
    .add(1)
    .mul(x)
    .mul(Math.sqrt(2 / Math.PI));
  return x.mul(inner.tanh().add(1)).mul(0.5);
}
