import { DTypeError, ShapeError } from "../../errors.ts";
import { formatShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { defineOp } from "../define.ts";
import { bindTensor, runPrimitive } from "../run-primitive.ts";

const countingSortOp = /* @__PURE__ */ defineOp<{ readonly bins: number }, "countingSort">({
  name: "countingSort",
  shape: ([keys]) => {
    if (keys!.rank !== 1) {
      throw new ShapeError(`countingSort: expected keys [N], got ${formatShape(keys!.shape)}.`);
    }
    if (keys!.dtype !== "i32") {
      throw new DTypeError(`countingSort: expected i32 keys, got ${keys!.dtype}. Cast them first.`);
    }
    return keys!.shape;
  },
  dtype: () => "i32",
  lower: (inputs, params, order) => {
    const offsets = { shape: [params.bins + 1], dtype: "i32" } as const;
    const keys = inputs.map(bindTensor);
    return runPrimitive(order.device, "countingSort", "countingSort", params, keys, order, offsets);
  },
});

/**
 * Stable sort of keys in 0..bins−1 (i32 [N]): `order` [N] lists positions by rising key, `offsets`
 * [bins + 1] says where each key's run starts. Stays on the device: no count is read back.
 */
export function countingSort(keys: Tensor, bins: number): { order: Tensor; offsets: Tensor } {
  const [order, offsets] = countingSortOp([keys], { bins });
  return { order: order!, offsets: offsets! };
}
