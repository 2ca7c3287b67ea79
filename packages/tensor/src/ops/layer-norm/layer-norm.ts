import { ShapeError } from "../../errors.ts";
import { formatShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";

/** (x − mean) · rsqrt(var + eps) · weight + bias over the last axis (Ba, Kiros & Hinton 2016). */
export function layerNorm(x: Tensor, weight: Tensor, bias?: Tensor, eps: number = 1e-5): Tensor {
  const width = x.shape[x.rank - 1];
  for (const parameter of bias ? [weight, bias] : [weight]) {
    if (parameter.rank !== 1 || parameter.shape[0] !== width) {
      throw new ShapeError(
        `layerNorm: weight and bias must be [D] with D the last axis of x, got ` +
          `${formatShape(parameter.shape)} for x ${formatShape(x.shape)}.`,
      );
    }
  }
  const wide = x.cast("f32"); // a mean rounded to bf16 would shift the whole row
  const centered = wide.sub(wide.mean(-1, { keepDim: true }));
  const scale = centered.square().mean(-1, { keepDim: true }).add(eps).rsqrt();
  const y = centered.mul(scale).mul(weight);
  return (bias ? y.add(bias) : y).cast(x.dtype);
}
