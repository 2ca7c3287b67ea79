import { castExpr, opExpr, scalarExpr } from "../../ir/expr.ts";
import { defineUnary, type Unary } from "../elementwise.ts";

/** The largest finite f32. A comparison with it holds where compilers take infinities for impossible. */
const largest = () => scalarExpr(3.4028234663852886e38, "f32");

/** True where x is neither infinite nor NaN; true for every integer. */
export const isFinite: Unary = /* @__PURE__ */ defineUnary({
  name: "isFinite",
  dtype: "compare",
  expr: (x) => opExpr("le", opExpr("abs", castExpr(x, "f32")), largest()),
});

/** True where x is ∞ or −∞; false for every integer. */
export const isInf: Unary = /* @__PURE__ */ defineUnary({
  name: "isInf",
  dtype: "compare",
  expr: (x) => opExpr("lt", largest(), opExpr("abs", castExpr(x, "f32"))),
});
