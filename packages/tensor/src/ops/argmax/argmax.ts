import { ShapeError } from "../../errors.ts";
import { formatShape, normalizeAxis } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { keptShape, type ReduceOptions } from "../reduction.ts";
import { defineOp } from "../define.ts";
import { bindTensor, runPrimitive } from "../run-primitive.ts";

const argReduceOp = /* @__PURE__ */ defineOp<{ readonly op: "max" | "min" }, "argReduce">({
  name: "argReduce",
  shape: ([x], { op }) => {
    if (x!.shape[x!.shape.length - 1] === 0) {
      throw new ShapeError(
        `arg${op}: shape ${formatShape(x!.shape)} has nothing along the axis to choose from.`,
      );
    }
    return x!.shape.slice(0, -1);
  },
  dtype: () => "i32",
  lower: (inputs, params, out) =>
    runPrimitive(out.device, `arg${params.op}`, "argReduce", params, inputs.map(bindTensor), out),
});

function argReduce(
  op: "max" | "min",
  x: Tensor,
  axis: number | undefined,
  { keepDim = false }: ReduceOptions,
): Tensor {
  const name = `arg${op}`;
  const a = axis === undefined ? -1 : normalizeAxis(name, axis, x.shape.length);
  const rows = a < 0 ? x.reshape([-1]) : x.transpose(a, -1); // axis a swapped with the last
  const result = argReduceOp([rows], { op })[0]!;
  result.brokenBy &&= name; // which users know
  if (a < 0) return result;
  const last = x.shape.length - 1;
  const moved = a === last ? result : result.unsqueeze(-1).transpose(a, -1);
  return moved.reshape(keepDim ? keptShape(x.shape, [a]) : x.shape.filter((_, i) => i !== a));
}

/** The first position of the largest element (NaN counts as largest), i32; of the flat tensor without `axis`. */
export function argmax(x: Tensor, axis?: number, options: ReduceOptions = {}): Tensor {
  return argReduce("max", x, axis, options);
}

/** The first position of the smallest element (NaN counts as smallest), i32. */
export function argmin(x: Tensor, axis?: number, options: ReduceOptions = {}): Tensor {
  return argReduce("min", x, axis, options);
}
