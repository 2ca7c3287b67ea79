import { ArgumentError } from "../../errors.ts";
import { normalizeAxis } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { defineOp } from "../define.ts";
import { bindTensor, runPrimitive } from "../run-primitive.ts";
import { scatterAdd } from "../scatter-add/scatter-add.ts";

interface Attrs {
  readonly descending: boolean;
  readonly k: number;
}

export interface Sorted {
  readonly values: Tensor;
  /** i32, positions in the operand. */
  readonly indices: Tensor;
}

const sortOp = /* @__PURE__ */ defineOp<Attrs, "sort">({
  name: "sort",
  shape: ([x], { k }) => [...x!.shape.slice(0, -1), k],
  dtype: ([x]) => x!.dtype,
  lower: (inputs, params, out) => {
    const indices = { shape: out.shape, dtype: "i32" } as const;
    return runPrimitive(out.device, "sort", "sort", params, inputs.map(bindTensor), out, indices);
  },
  grad: ({ output, shape, device }, dy) => [scatterAdd(device.zeros(shape(0)), -1, output(1), dy)],
  saves: ["output"],
});

function sortAlong(op: string, x: Tensor, axis: number, attrs: Attrs): Sorted {
  const a = normalizeAxis("sort", axis, x.shape.length);
  const [values, indices] = sortOp([x.transpose(a, -1)], attrs) as [Tensor, Tensor];
  const detached = indices.detach();
  if (indices.brokenBy) detached.brokenBy = `${op} (its indices)`;
  return { values: values.transpose(a, -1), indices: detached.transpose(a, -1) };
}

/** Sorts along an axis. Stable: equal elements keep their order; NaN counts as the largest. */
export function sort(
  x: Tensor,
  axis: number = -1,
  { descending = false }: { readonly descending?: boolean } = {},
): Sorted {
  const a = normalizeAxis("sort", axis, x.shape.length);
  return sortAlong("sort", x, a, { descending, k: x.shape[a]! });
}

/** The k largest elements along an axis, in falling order (k smallest, rising, with `largest: false`). */
export function topk(
  x: Tensor,
  k: number,
  axis: number = -1,
  { largest = true }: { readonly largest?: boolean } = {},
): Sorted {
  const a = normalizeAxis("topk", axis, x.shape.length);
  if (!Number.isInteger(k) || k < 0 || k > x.shape[a]!) {
    throw new ArgumentError(`topk: k must be 0..${x.shape[a]} along axis ${a}, got ${k}.`);
  }
  return sortAlong("topk", x, a, { descending: largest, k });
}
