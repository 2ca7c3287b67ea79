import { ShapeError } from "../../errors.ts";
import { formatShape } from "../../shape.ts";
import { vjp } from "../../autograd/vjp.ts";
import type { Tensor } from "../../tensor.ts";
import { summed, traffic } from "../cost.ts";
import { defineOp } from "../define.ts";
import { asContiguous, asRows, tryFused } from "../fused.ts";

interface Attrs {
  readonly eps: number;
}

const rmsNormOp = /* @__PURE__ */ defineOp<Attrs, "rmsNorm">({
  name: "rmsNorm",
  shape: ([x, weight]) => {
    const width = x!.shape[x!.shape.length - 1];
    if (x!.shape.length < 1 || weight!.shape.length !== 1 || weight!.shape[0] !== width) {
      throw new ShapeError(
        `rmsNorm: weight must be [D] with D the last axis of x, got ${formatShape(weight!.shape)} ` +
          `for x ${formatShape(x!.shape)}.`,
      );
    }
    return x!.shape;
  },
  dtype: () => "f32",
  // Results: y [..., D] and rstd [..., 1], which the backward rule needs.
  lower: ([input, scale], { eps }, { shape, device }) => {
    const [x, weight] = [input!.cast("f32"), scale!.cast("f32")];
    const inputs = [asRows(x), asContiguous(weight)];
    const statistics = [...shape.slice(0, -1), 1];
    const fused = tryFused(device, "rmsNorm", { eps }, inputs, [{ shape }, { shape: statistics }]);
    if (fused) return fused;
    const rstd = reciprocalRoot(x, eps);
    return [x.mul(rstd).mul(weight), rstd];
  },
  grad: ({ input, output, attrs }, dy) => {
    const [x, weight, rstd] = [input(0), input(1), output(1)];
    return rmsNormBackwardOp([dy, x, weight, rstd], attrs);
  },
  saves: [0, 1, "output"],
  tolerance: summed,
  cost: (inputs, out) => traffic(inputs, out, 4 * inputs[0]!.size),
});

const rmsNormBackwardOp = /* @__PURE__ */ defineOp<Attrs, "rmsNormBackward">({
  name: "rmsNormBackward",
  shape: ([, x]) => x!.shape,
  dtype: () => "f32",
  lower: ([dy, x, weight, rstd], _, { shape, device }) => {
    const inputs = [
      asRows(dy!),
      asRows(x!),
      asContiguous(weight!),
      asContiguous(rstd!.reshape([-1])),
    ];
    const outputs = [{ shape }, { shape: weight!.shape }];
    return (
      tryFused(device, "rmsNormBackward", {}, inputs, outputs) ??
      compositeBackward(dy!, x!, weight!, rstd!)
    );
  },
  grad: ({ input, attrs: { eps } }, ...upstream) => {
    const backward = ([dy, x, weight]: readonly Tensor[]) =>
      compositeBackward(dy!, x!, weight!, reciprocalRoot(x!, eps));
    return [...vjp(backward, [input(0), input(1), input(2)], upstream), null];
  },
  saves: [0, 1, 2],
  tolerance: summed,
  cost: (inputs, out) => traffic(inputs, out, 10 * inputs[1]!.size),
});

function reciprocalRoot(x: Tensor, eps: number): Tensor {
  return x.square().mean(-1, { keepDim: true }).add(eps).rsqrt();
}

/** dx = rstd · (w·dy − x̂ · mean(w·dy·x̂)), dw = Σ dy·x̂, with x̂ = x · rstd. */
function compositeBackward(dy: Tensor, x: Tensor, weight: Tensor, rstd: Tensor): Tensor[] {
  const normalized = x.mul(rstd);
  const scaled = dy.mul(weight);
  const projection = scaled.mul(normalized).mean(-1, { keepDim: true });
  const dx = scaled.sub(normalized.mul(projection)).mul(rstd);
  return [dx, dy.mul(normalized).sumTo(weight.shape)];
}

/** x · rsqrt(mean(x²) + eps) · weight over the last axis (Zhang & Sennrich 2019). */
export function rmsNorm(x: Tensor, weight: Tensor, eps: number = 1e-6): Tensor {
  return rmsNormOp([x, weight], { eps })[0]!;
}
