import type { Tensor } from "../../tensor.ts";

/** The logarithm to base 2. */
export function log2(x: Tensor): Tensor {
  return x.log().mul(Math.LOG2E);
}

/** The logarithm to base 10. */
export function log10(x: Tensor): Tensor {
  return x.log().mul(Math.LOG10E);
}

/** 2ˣ. */
export function exp2(x: Tensor): Tensor {
  return x.mul(Math.LN2).exp();
}
