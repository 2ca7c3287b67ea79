import { DTypeError, ShapeError } from "../../errors.ts";
import { formatShape, normalizeAxis, sameShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { summed, traffic } from "../cost.ts";
import { defineOp } from "../define.ts";
import { indexFits } from "../index-fits.ts";
import { bindTensor, runPrimitive } from "../run-primitive.ts";

const scatterAddOp = /* @__PURE__ */ defineOp<{ readonly axis: number }, "scatterAdd">({
  name: "scatterAdd",
  shape: ([base, index, source], { axis }) => {
    if (!sameShape(index!.shape, source!.shape) || !indexFits(base!, index!, axis)) {
      throw new ShapeError(
        `scatterAdd: base ${formatShape(base!.shape)}, index ${formatShape(index!.shape)} and source ` +
          `${formatShape(source!.shape)} do not fit: same rank, index and source alike, ` +
          `and at most as large on every axis but ${axis}.`,
      );
    }
    if (base!.dtype !== source!.dtype) {
      throw new DTypeError(
        `scatterAdd: base is ${base!.dtype}, source is ${source!.dtype}. Cast one of them.`,
      );
    }
    return base!.shape;
  },
  dtype: ([base]) => base!.dtype,
  lower: (inputs, params, out) =>
    runPrimitive(out.device, "scatterAdd", "scatterAdd", params, inputs.map(bindTensor), out),
  grad: ({ attrs: { axis }, input }, dy) => [dy, null, dy.gather(axis, input(1))],
  saves: [1],
  tolerance: summed,
  cost: (inputs, out) => traffic(inputs, out, inputs[2]!.size),
});

/**
 * base with out[c with `axis` replaced by index[c]] += source[c] (torch.scatter_add, out of place).
 * Repeated positions add up in row-major order of c, the same way on every run.
 */
export function scatterAdd(base: Tensor, axis: number, index: Tensor, source: Tensor): Tensor {
  const a = normalizeAxis("scatterAdd", axis, base.shape.length);
  return scatterAddOp([base, index, source], { axis: a })[0]!;
}
