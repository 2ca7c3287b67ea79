import { ShapeError } from "../../errors.ts";
import { QuantizedWeight } from "../../quant/quantized-weight.ts";
import { formatShape, sizeOf } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { concat } from "../concat/concat.ts";
import { summed, traffic, type Cost, type ResultType } from "../cost.ts";
import { defineOp, type Op } from "../define.ts";
import { asContiguous, tryFused } from "../fused.ts";

/** A quantised weight is made f32 in panels of about this many elements (4 MB). */
const panelElements = 1_048_576;

interface Attrs {
  readonly weight: QuantizedWeight;
}

/** The weight is read as it is stored. */
function panelCost(inputs: readonly Tensor[], out: ResultType, { weight }: Attrs): Cost {
  const [rows, columns] = weight.shape;
  return traffic(inputs, out, 2 * inputs[0]!.shape[0]! * rows * columns, weight.byteLength);
}

// The weight is an attribute, not an operand: it has no gradient and no place on the tape.
const quantizedLinearOp: Op<Attrs> = /* @__PURE__ */ defineOp<Attrs, "quantizedLinear">({
  name: "quantizedLinear",
  shape: ([x], { weight }) => [x!.shape[0]!, weight.shape[0]],
  dtype: () => "f32",
  lower: ([x], { weight }) => {
    const { device } = x!;
    const fused = runFused(x!, weight, true);
    if (fused) return fused;
    const parts = panels(weight).map(([start, count]) =>
      device.tidy(() => x!.matmul(weight.dequantize(start, count).transpose())),
    );
    return parts.length === 1 ? parts[0]! : concat(parts, 1);
  },
  grad: ({ attrs: { weight } }, dy) => [quantizedTransposedOp([dy], { weight })[0]!],
  tolerance: summed,
  cost: panelCost,
});

/** dy [N, out] · weight [out, in] → [N, in]: the way back, again panel by panel. */
const quantizedTransposedOp: Op<Attrs> = /* @__PURE__ */ defineOp<Attrs, "quantizedTransposed">({
  name: "quantizedTransposed",
  shape: ([dy], { weight }) => [dy!.shape[0]!, weight.shape[1]],
  dtype: () => "f32",
  lower: ([dy], { weight }) =>
    runFused(dy!, weight, false) ??
    panels(weight)
      .map(([start, count]) => dy!.narrow(1, start, count).matmul(weight.dequantize(start, count)))
      .reduce((sum, part) => sum.add(part).eval()),
  grad: ({ attrs: { weight } }, upstream) => [quantizedLinearOp([upstream], { weight })[0]!],
  tolerance: summed,
  cost: panelCost,
});

/** x · Wᵀ or x · W by the backend's own kernel, if it has one. */
function runFused(x: Tensor, weight: QuantizedWeight, transposed: boolean): Tensor[] | undefined {
  const { format, shape, block } = weight;
  const inputs = [asContiguous(x), ...weight.stored.map((part) => part.lazy.view())];
  const output = { shape: [x.shape[0]!, shape[transposed ? 0 : 1]] };
  return tryFused(x.device, "quantizedMatmul", { format, shape, block, transposed }, inputs, [
    output,
  ]);
}

function panels({
  shape: [rows, columns],
  block: [R],
}: QuantizedWeight): [start: number, count: number][] {
  const height = Math.max(1, Math.floor(panelElements / columns / R)) * R;
  return Array.from({ length: Math.ceil(rows / height) }, (_, i) => [
    i * height,
    Math.min(height, rows - i * height),
  ]);
}

/**
 * x · weightᵀ + bias, x [..., in], weight [out, in], bias [out] → [..., out], as
 * torch.nn.functional.linear. A quantised weight takes no gradient; x does.
 */
export function linear(x: Tensor, weight: Tensor | QuantizedWeight, bias?: Tensor): Tensor {
  const inner = x.shape[x.rank - 1];
  if (x.rank === 0 || weight.shape.length !== 2 || weight.shape[1] !== inner) {
    throw new ShapeError(
      `linear: expected x [..., in] and weight [out, in], got ${formatShape(x.shape)} and ` +
        `${formatShape(weight.shape)}. The last axes must be equal.`,
    );
  }
  const y =
    weight instanceof QuantizedWeight ? quantizedLinear(x, weight) : x.matmul(weight.transpose());
  return bias ? y.add(bias) : y;
}

function quantizedLinear(x: Tensor, weight: QuantizedWeight): Tensor {
  const lead = x.shape.slice(0, -1);
  const rows = x.cast("f32").reshape([sizeOf(lead), x.shape[x.rank - 1]!]);
  return quantizedLinearOp([rows], { weight })[0]!.reshape([...lead, weight.shape[0]]);
}
