import { isContiguous } from "../../shape.ts";
import { leafExpr } from "../../ir/expr.ts";
import { Lazy } from "../../core/lazy.ts";
import type { Tensor } from "../../tensor.ts";
import { defineOp } from "../define.ts";

const copyOp = /* @__PURE__ */ defineOp({
  name: "clone",
  shape: ([x]) => x!.shape,
  dtype: ([x]) => x!.dtype,
  lower: ([x], _: undefined, { shape, dtype, device }) => {
    const expr = leafExpr(x!.lazy.view(), dtype);
    const view = device.evaluate("clone", expr, shape, dtype);
    return device.wrap(Lazy.computed(device, "clone", view));
  },
  grad: (_, dy) => [dy],
});

/** A copy in memory of its own, row-major. */
export function clone(x: Tensor): Tensor {
  return copyOp([x], undefined)[0]!;
}

/** The same tensor if it lies row-major in memory already, else a copy that does. */
export function contiguous(x: Tensor): Tensor {
  const { shape, strides } = x.lazy.view();
  return isContiguous(shape, strides) ? x.alias() : clone(x);
}
