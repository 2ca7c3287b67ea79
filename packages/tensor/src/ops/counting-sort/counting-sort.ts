import { ArgumentError, DTypeError, ShapeError } from "../../errors.ts";
import { formatShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { defineOp } from "../define.ts";
import { bindTensor, runPrimitive } from "../run-primitive.ts";

interface Attrs {
  readonly bins: number;
  /** What messages call it. */
  readonly op: string;
}

const countingSortOp = /* @__PURE__ */ defineOp<Attrs, "countingSort">({
  name: "countingSort",
  shape: ([keys], { bins, op }) => {
    if (!Number.isInteger(bins) || bins < 0) {
      throw new ArgumentError(`${op}: bins is a whole number from 0, got ${bins}.`);
    }
    if (keys!.rank !== 1) {
      throw new ShapeError(`${op}: expected keys [N], got ${formatShape(keys!.shape)}.`);
    }
    if (keys!.dtype !== "i32") {
      throw new DTypeError(`${op}: expected i32 keys, got ${keys!.dtype}. Cast them first.`);
    }
    return keys!.shape;
  },
  dtype: () => "i32",
  lower: (inputs, { bins, op }, order) => {
    const offsets = { shape: [bins + 1], dtype: "i32" } as const;
    const keys = inputs.map(bindTensor);
    return runPrimitive(order.device, op, "countingSort", { bins }, keys, order, offsets);
  },
});

/**
 * Stable sort of keys in 0..bins−1 (i32 [N]): `order` [N] lists positions by rising key, `offsets`
 * [bins + 1] says where each key's run starts. Stays on the device: no count is read back.
 */
export function countingSort(keys: Tensor, bins: number): { order: Tensor; offsets: Tensor } {
  return countingSortFor("countingSort", keys, bins);
}

/** The same for another op, by whose name errors and profiles call it. */
export function countingSortFor(
  op: string,
  keys: Tensor,
  bins: number,
): { order: Tensor; offsets: Tensor } {
  const [order, offsets] = countingSortOp([keys], { bins, op });
  return { order: order!, offsets: offsets! };
}
