// From the state of a generator, on the device, to its words and to what is made of them.

import { runPrimitive, bindTensor } from "../ops/run-primitive.ts";
import { opExpr, scalarExpr } from "../ir/expr.ts";
import { defineUnary, type Unary } from "../ops/elementwise.ts";
import { log1p } from "../ops/log1p/log1p.ts";
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** The words, u32, that follow a state u32 [4] = key0, key1, counter0, counter1. */
export function wordsOf(state: Tensor, shape: Shape): Tensor {
  const out = { shape, dtype: "u32" } as const;
  return runPrimitive(state.device, "random", "random", {}, [bindTensor(state)], out)[0]!;
}

/** What f32 holds of a word without rounding. */
const high24: Unary = /* @__PURE__ */ defineUnary({
  name: "random",
  dtype: "bits",
  expr: (word) => opExpr("and", word, scalarExpr(0xffffff00, "u32")),
});

/** Uniform on [0, 1), f32: 24 bits of each word. */
export function unitOf(words: Tensor): Tensor {
  return high24(words)
    .cast("f32")
    .mul(2 ** -32);
}

/** Standard Gumbel, f32: −log(−log(1 − u)). */
export function gumbelOf(words: Tensor): Tensor {
  // u moved half a step up: both logarithms stay finite. Through log1p the digits are kept where u is small, which
  // is where the large values come from that a draw is decided by.
  const u = unitOf(words)
    .add(2 ** -25)
    .minimum(1 - 2 ** -24);
  return log1p(u.neg()).neg().log().neg();
}
