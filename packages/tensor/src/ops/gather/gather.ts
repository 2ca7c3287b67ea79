import { bytesPerElement } from "../../dtype.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { formatShape, normalizeAxis, sizeOf } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { traffic } from "../cost.ts";
import { defineOp } from "../define.ts";
import { indexFits } from "../index-fits.ts";
import { bindTensor, runPrimitive } from "../run-primitive.ts";
import { scatterAdd } from "../scatter-add/scatter-add.ts";

interface Attrs {
  readonly axis: number;
  /** What the user called, for messages and profiles. */
  readonly op: string;
}

const gatherOp = /* @__PURE__ */ defineOp<Attrs, "gather">({
  name: "gather",
  shape: ([x, index], { axis, op }) => {
    if (!indexFits(x!, index!, axis)) {
      throw new ShapeError(
        `${op}: index ${formatShape(index!.shape)} does not fit ${formatShape(x!.shape)}: same rank, ` +
          `and at most as large on every axis but ${axis}.`,
      );
    }
    if (index!.dtype !== "i32" && index!.dtype !== "u32") {
      throw new DTypeError(`${op}: an index is i32 or u32, got ${index!.dtype}. Cast it first.`);
    }
    return index!.shape;
  },
  dtype: ([x]) => x!.dtype,
  lower: (inputs, { axis, op }, out) =>
    runPrimitive(out.device, op, "gather", { axis }, inputs.map(bindTensor), out),
  grad: ({ attrs: { axis }, input, shape, device }, dy) => [
    scatterAdd(device.zeros(shape(0)), axis, input(1), dy),
    null,
  ],
  saves: [1],
  // What is chosen is read, not the whole.
  cost: ([x, index], out) =>
    traffic([index!], out, 0, sizeOf(out.shape) * bytesPerElement(x!.dtype)),
});

/**
 * out[c] = x[c with its coordinate along `axis` replaced by index[c]] (torch.gather). Errors and profiles name
 * `op`: an op that this is a part of.
 */
export function gather(x: Tensor, axis: number, index: Tensor, op: string = "gather"): Tensor {
  return gatherOp([x, index], { axis: normalizeAxis(op, axis, x.rank), op })[0]!;
}

/** Whole slices of x along `axis`, by a list of positions [N] (torch.index_select). `op` as for `gather`. */
export function indexSelect(
  x: Tensor,
  axis: number,
  index: Tensor,
  op: string = "indexSelect",
): Tensor {
  const a = normalizeAxis(op, axis, x.rank);
  if (index.rank !== 1) {
    throw new ShapeError(
      `${op}: the index is a list [N], got ${formatShape(index.shape)}. Flatten it first.`,
    );
  }
  const column = index.reshape(x.shape.map((_, i) => (i === a ? -1 : 1)));
  const shape = x.shape.map((dim, i) => (i === a ? index.size : dim));
  return gather(x, a, column.expand(shape), op);
}

/** Rows of a table [V, D] by ids [...] → [..., D]. */
export function embedding(table: Tensor, ids: Tensor): Tensor {
  const rows = indexSelect(table, 0, ids.reshape([-1]), "embedding");
  return rows.reshape([...ids.shape, ...table.shape.slice(1)]);
}
