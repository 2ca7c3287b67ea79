import { ShapeError } from "../../errors.ts";
import { formatShape, sizeOf } from "../../shape.ts";
import { vjp } from "../../autograd/vjp.ts";
import type { Tensor } from "../../tensor.ts";
import { traffic, type Tolerance } from "../cost.ts";
import { defineOp } from "../define.ts";
import { asContiguous, tryFused } from "../fused.ts";
import { logsumexp } from "../softmax/softmax.ts";
import { expand } from "../expand/expand.ts";

interface Attrs {
  readonly scale: number;
  readonly causal: boolean;
}

/** Exponentials of sums of products, summed again. */
const tolerance: Tolerance = { forward: 1e-5, grad: 2e-4 };

const attentionOp = /* @__PURE__ */ defineOp<Attrs, "attention">({
  name: "attention",
  shape: ([q, k, v]) => {
    const [B, H, T, D] = q!.shape;
    const [B2, H2, S, D2] = k!.shape;
    const fits =
      q!.rank === 4 &&
      k!.rank === 4 &&
      v!.rank === 4 &&
      B === B2 &&
      H === H2 &&
      D === D2 &&
      v!.shape[0] === B &&
      v!.shape[1] === H &&
      v!.shape[2] === S;
    if (!fits) {
      throw new ShapeError(
        `attention: expected q [B, H, T, D], k [B, H, S, D], v [B, H, S, Dv], got ` +
          `${[q!, k!, v!].map((x) => formatShape(x.shape)).join(", ")}.`,
      );
    }
    return [B!, H!, T!, v!.shape[3]!];
  },
  dtype: () => "f32",
  // Results: o [B, H, T, Dv] and the log-sum-exp of the scores [B, H, T].
  lower: ([q, k, v, mask], { scale, causal }, { shape, device }) => {
    const params = { scale, causal, masked: mask !== undefined };
    const inputs = operands([q!, k!, v!], mask);
    const outputs = [{ shape }, { shape: shape.slice(0, -1) }];
    const fused = tryFused(device, "attention", params, inputs, outputs);
    if (fused) return fused;
    const scores = maskedScores(q!, k!, mask, scale, causal); // [B, H, T, S]
    const lse = logsumexp(scores, -1, { keepDim: true });
    const weights = probabilities(scores, lse);
    return [weights.matmul(v!), lse.squeeze(-1)];
  },
  grad: ({ input, output, attrs, inputCount }, dout) => {
    const mask = inputCount > 3 ? [input(3)] : [];
    const operands = [dout, input(0), input(1), input(2), output(0), output(1), ...mask];
    const gradients: (Tensor | null)[] = attentionBackwardOp(operands, attrs);
    return inputCount > 3 ? [...gradients, null] : gradients;
  },
  saves: [0, 1, 2, 3, "output"],
  tolerance,
  // q·kᵀ and its product with v; causal sees half of it, which kernels may or may not skip.
  cost: ([q, k, v], out) =>
    traffic([q!, k!, v!], out, 2 * (q!.size + sizeOf(out.shape)) * k!.shape[2]!),
});

const attentionBackwardOp = /* @__PURE__ */ defineOp<Attrs, "attentionBackward">({
  name: "attentionBackward",
  shape: ([, q]) => q!.shape,
  dtype: () => "f32",
  lower: ([dout, q, k, v, o, lse, mask], attrs, { device }) => {
    const inputs = [
      asContiguous(dout!),
      ...operands([q!, k!, v!]),
      asContiguous(o!),
      asContiguous(lse!),
      ...operands([], mask),
    ];
    const params = { ...attrs, masked: mask !== undefined };
    const outputs = [q!, k!, v!].map(({ shape }) => ({ shape }));
    return (
      tryFused(device, "attentionBackward", params, inputs, outputs) ??
      compositeBackward(dout!, q!, k!, v!, mask, attrs)
    );
  },
  grad: ({ input, attrs, inputCount }, ...upstream) => {
    const mask = inputCount > 6 ? input(6) : undefined;
    const backward = ([dout, q, k, v]: readonly Tensor[]) =>
      compositeBackward(dout!, q!, k!, v!, mask, attrs);
    const points = [input(0), input(1), input(2), input(3)];
    return [...vjp(backward, points, upstream), null, null, null];
  },
  saves: [0, 1, 2, 3, 6],
  tolerance,
  // The scores once more, dP = dO·Vᵀ, and a product for each of dQ, dK, dV.
  cost: (inputs, out) => {
    const [dout, q, k] = inputs as [Tensor, Tensor, Tensor];
    return traffic(inputs, out, 2 * (3 * q.size + 2 * dout.size) * k.shape[2]!);
  },
});

function operands(tensors: readonly Tensor[], mask?: Tensor) {
  const views = tensors.map((x) => x.cast("f32").lazy.view());
  return mask ? [...views, mask.cast("f32").lazy.view()] : views;
}

function maskedScores(
  q: Tensor,
  k: Tensor,
  mask: Tensor | undefined,
  scale: number,
  causal: boolean,
): Tensor {
  let scores = q.matmul(k.transpose()).mul(scale);
  if (mask) scores = scores.add(mask);
  if (!causal) return scores;
  const [T, S] = scores.shape.slice(-2) as [number, number];
  const visible = q.device.iota([T, S], -1).le(q.device.iota([T, S], -2).add(S - T));
  return visible.where(scores, -Infinity);
}

/** exp(scores − lse); rows that see nothing (lse = −∞) give 0. */
function probabilities(scores: Tensor, lse: Tensor): Tensor {
  return lse.eq(-Infinity).where(0, scores.sub(lse).exp());
}

/** dV = Pᵀ·dO, dS = P ⊙ (dO·Vᵀ − rowsum(dO ⊙ O)), dQ = scale · dS·K, dK = scale · dSᵀ·Q. */
function compositeBackward(
  dout: Tensor,
  q: Tensor,
  k: Tensor,
  v: Tensor,
  mask: Tensor | undefined,
  { scale, causal }: Attrs,
): Tensor[] {
  const scores = maskedScores(q, k, mask, scale, causal);
  const weights = probabilities(scores, logsumexp(scores, -1, { keepDim: true }));
  const dWeights = dout.matmul(v.transpose());
  const inner = dWeights.mul(weights).sum(-1, { keepDim: true });
  const dScores = weights.mul(dWeights.sub(inner)).mul(scale);
  return [dScores.matmul(k), dScores.transpose().matmul(q), weights.transpose().matmul(dout)];
}

export interface AttentionOptions {
  /** Default 1/√D. */
  readonly scale?: number;
  /** Query t sees keys s ≤ t + S − T: the last query sees all. Default false. */
  readonly causal?: boolean;
  /**
   * Broadcast to [B, H, T, S]. Numbers are added to the scores, −∞ hides; of a bool mask, true is seen and
   * false is hidden, as in torch. Gets no gradient.
   */
  readonly mask?: Tensor;
}

/**
 * softmax(scale · q·kᵀ + mask) · v for q [B, H, T, D], k [B, Hkv, S, D], v [B, Hkv, S, Dv], where Hkv
 * divides H (grouped-query attention). Rows that see no key give 0.
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor {
  const { scale = 1 / Math.sqrt(q.shape[q.rank - 1]!), causal = false, mask } = options;
  const keys = repeatHeads(k, q);
  const values = repeatHeads(v, q);
  const inputs = [q, keys, values];
  if (mask) {
    const shape = [q.shape[0]!, q.shape[1]!, q.shape[2]!, k.shape[2]!];
    const added = mask.dtype === "bool" ? mask.where(0, -Infinity) : mask.detach();
    inputs.push(expand(added, shape));
  }
  return attentionOp(inputs, { scale, causal })[0]!;
}

/** [B, Hkv, S, D] → [B, H, S, D]: each head of a group sees the same keys. */
function repeatHeads(x: Tensor, q: Tensor): Tensor {
  const H = q.shape[1];
  const [B, Hkv, S, D] = x.shape as [number, number, number, number];
  if (x.rank !== 4 || q.rank !== 4 || H === Hkv || H! % Hkv !== 0) return x;
  const repeated = x.unsqueeze(2).expand([B, Hkv, H! / Hkv, S, D]);
  return repeated.reshape([B, H!, S, D]);
}
