import { normalizeAxis } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { summed, traffic } from "../cost.ts";
import { defineOp, type Op } from "../define.ts";
import { bindTensor, runPrimitive } from "../run-primitive.ts";

export interface CumsumOptions {
  /** Each element gets the sum of those before it, without itself. Default false. */
  readonly exclusive?: boolean;
  /** From the end to the start. Default false. */
  readonly reverse?: boolean;
}

interface Attrs {
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

const cumsumOp: Op<Attrs> = /* @__PURE__ */ defineOp<Attrs, "cumsum">({
  name: "cumsum",
  shape: ([x]) => x!.shape,
  dtype: ([x]) => (x!.dtype === "bool" ? "i32" : x!.dtype),
  lower: ([x], attrs, out) => {
    const inputs = [bindTensor(x!.cast(out.dtype))];
    return runPrimitive(out.device, "cumsum", "scan", { op: "sum", ...attrs }, inputs, out);
  },
  grad: ({ attrs }, dy) => [cumsumOp([dy], { ...attrs, reverse: !attrs.reverse })[0]!],
  tolerance: summed,
  cost: (inputs, out) => traffic(inputs, out, inputs[0]!.size),
});

/** Running sums along an axis. */
export function cumsum(
  x: Tensor,
  axis: number,
  { exclusive = false, reverse = false }: CumsumOptions = {},
): Tensor {
  const a = normalizeAxis("cumsum", axis, x.shape.length);
  return cumsumOp([x.transpose(a, -1)], { exclusive, reverse })[0]!.transpose(a, -1);
}
