import { isFloat } from "../../dtype.ts";
import { normalizeAxes, normalizeAxis } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { summed, traffic } from "../cost.ts";
import { defineOp } from "../define.ts";
import { asRows, tryFused } from "../fused.ts";

/** Along the last axis. */
const softmaxOp = /* @__PURE__ */ defineOp<undefined, "softmax">({
  name: "softmax",
  shape: ([x]) => x!.shape,
  dtype: () => "f32",
  lower: ([input], _, { shape, device }) => {
    const x = input!.cast("f32");
    const fused = tryFused(device, "softmax", {}, [asRows(x)], [{ shape }]);
    if (fused) return fused;
    const shifted = x.sub(x.max(-1, { keepDim: true })).exp();
    return shifted.div(shifted.sum(-1, { keepDim: true }));
  },
  grad: ({ output }, dy) => [softmaxBackwardOp([dy, output()], undefined)[0]!],
  saves: ["output"],
  tolerance: summed,
  cost: (inputs, out) => traffic(inputs, out, 4 * inputs[0]!.size),
});

const softmaxBackwardOp = /* @__PURE__ */ defineOp<undefined, "softmaxBackward">({
  name: "softmaxBackward",
  shape: ([dy]) => dy!.shape,
  dtype: () => "f32",
  lower: ([dy, y], _, { shape, device }) =>
    tryFused(device, "softmaxBackward", {}, [asRows(dy!), asRows(y!)], [{ shape }]) ??
    projected(dy!, y!),
  // dx = y · (dy − Σ dy·y) is bilinear in dy and quadratic in y.
  grad: ({ input }, ddx) => {
    const [dy, y] = [input(0), input(1)];
    const inner = dy.mul(y).sum(-1, { keepDim: true });
    const weighted = ddx.mul(y).sum(-1, { keepDim: true });
    return [projected(ddx, y), ddx.mul(dy.sub(inner)).sub(weighted.mul(dy))];
  },
  saves: [0, 1],
  tolerance: summed,
  cost: (inputs, out) => traffic(inputs, out, 4 * inputs[0]!.size),
});

function projected(dy: Tensor, y: Tensor): Tensor {
  return y.mul(dy.sub(dy.mul(y).sum(-1, { keepDim: true })));
}

/** eˣ / Σ eˣ along an axis, shifted by the maximum so that nothing overflows. */
export function softmax(x: Tensor, axis: number = -1): Tensor {
  const a = normalizeAxis("softmax", axis, x.shape.length);
  if (a === x.shape.length - 1) return softmaxOp([x], undefined)[0]!;
  return softmaxOp([x.transpose(a, -1)], undefined)[0]!.transpose(a, -1);
}

/** log Σ eˣ along one axis or several, the last by default, without overflow. */
export function logsumexp(
  input: Tensor,
  axes: number | readonly number[] = -1,
  { keepDim = false }: { readonly keepDim?: boolean } = {},
): Tensor {
  // The shift would wrap around in u32.
  const x = isFloat(input.dtype) ? input : input.cast("f32");
  // Where all are −∞ the shift must be finite: −∞ − (−∞) is NaN.
  const top = x.detach().max(axes, { keepDim: true });
  const shift = top.abs().eq(Infinity).where(0, top);
  const total = x.sub(shift).exp().sum(axes, { keepDim: true }).log().add(shift);
  if (keepDim) return total;
  const reduced = normalizeAxes("logsumexp", axes, x.rank);
  return total.reshape(x.shape.filter((_, axis) => !reduced.includes(axis)));
}

/** log(softmax(x)) along an axis, exact where softmax underflows. */
export function logSoftmax(x: Tensor, axis: number = -1): Tensor {
  return x.sub(logsumexp(x, axis, { keepDim: true }));
}
