import { assertDType, computeType, isFloat, type DType } from "../../dtype.ts";
import { castExpr } from "../../ir/expr.ts";
import { Lazy } from "../../core/lazy.ts";
import type { Tensor } from "../../tensor.ts";
import { rounded, traffic } from "../cost.ts";
import { defineOp } from "../define.ts";
import { roundHalf } from "../round-half.ts";

const castOp = /* @__PURE__ */ defineOp({
  name: "cast",
  shape: ([x]) => x!.shape,
  dtype: (_, { dtype }: { dtype: DType }) => {
    assertDType("cast", dtype);
    return dtype;
  },
  lower: ([x], _, { shape, dtype, device }) => {
    const { expr, leaves } = x!.lazy.operand(x!.size, x!.size);
    const converted = castExpr(expr, computeType(dtype));
    return device.wrap(roundHalf(Lazy.pending(device, "cast", converted, leaves, shape, dtype)));
  },
  grad: ({ dtype }, dy) => [isFloat(dtype(0)) ? dy.cast(dtype(0)) : null],
  // The gradient goes through the storage type as well.
  tolerance: { forward: rounded.forward, grad: 2 ** -7 },
  cost: (inputs, out) => traffic(inputs, out, inputs[0]!.size),
});

/**
 * Converts the elements. Floats to integers truncate towards zero and saturate, NaN gives 0; to bool is
 * x ≠ 0. f16 and bf16 round to nearest even.
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  return dtype === x.dtype ? x.alias() : castOp([x], { dtype })[0]!;
}
