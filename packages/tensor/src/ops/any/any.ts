import type { Tensor } from "../../tensor.ts";
import type { Axes, ReduceOptions } from "../reduction.ts";

/** Whether any element along `axes` (all by default) is not 0; bool. Of nothing: false. */
export function any(x: Tensor, axes?: Axes, options?: ReduceOptions): Tensor {
  return x.ne(0).cast("i32").sum(axes, options).gt(0);
}

/** Whether all elements along `axes` (all by default) are not 0; bool. Of nothing: true. */
export function all(x: Tensor, axes?: Axes, options?: ReduceOptions): Tensor {
  return x.eq(0).cast("i32").sum(axes, options).eq(0);
}
