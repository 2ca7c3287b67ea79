import { ArgumentError, ShapeError } from "../../errors.ts";
import { formatShape } from "../../shape.ts";
import { vjp } from "../../autograd/vjp.ts";
import type { Tensor } from "../../tensor.ts";
import { concat } from "../concat/concat.ts";
import { traffic, type Tolerance } from "../cost.ts";
import { defineOp } from "../define.ts";
import { asContiguous, asRows, tryFused } from "../fused.ts";
import { gather } from "../gather/gather.ts";
import { logsumexp } from "../softmax/softmax.ts";

interface Attrs {
  readonly scale: number;
}

/** A logarithm of a sum of exponentials of sums of products. */
const tolerance: Tolerance = { forward: 2e-5, grad: 2e-4 };

const linearLogProbOp = /* @__PURE__ */ defineOp<Attrs, "linearLogProb">({
  name: "linearLogProb",
  shape: ([hidden, weight, targets]) => {
    const [N, D] = hidden!.shape;
    const fits =
      hidden!.rank === 2 &&
      weight!.rank === 2 &&
      weight!.shape[1] === D &&
      targets!.rank === 1 &&
      targets!.shape[0] === N;
    if (!fits) {
      throw new ShapeError(
        `linearLogProb: expected hidden [N, D], weight [V, D], targets [N], got ` +
          `${[hidden!, weight!, targets!].map((x) => formatShape(x.shape)).join(", ")}.`,
      );
    }
    return [N!];
  },
  dtype: () => "f32",
  // Results: log-probability, log-sum-exp and entropy, each [N].
  lower: ([hidden, weight, targets], attrs, { shape, device }) => {
    const inputs = [asRows(hidden!), asRows(weight!), targets!.contiguous().lazy.view()];
    const outputs = [{ shape }, { shape }, { shape }];
    const fused = tryFused(device, "linearLogProb", attrs, inputs, outputs);
    if (fused) return fused;
    const parts = chunks(hidden!, weight!).map(([start, count]) =>
      device.tidy(() => {
        const logits = hidden!.narrow(0, start, count).matmul(weight!.transpose()).mul(attrs.scale);
        const lse = logsumexp(logits, -1);
        const chosen = gather(
          logits,
          -1,
          targets!.narrow(0, start, count).unsqueeze(-1),
          "linearLogProb",
        ).squeeze(-1);
        const expected = logits.softmax(-1).mul(logits).sum(-1);
        return [chosen.sub(lse), lse, lse.sub(expected)].map((x) => x.eval());
      }),
    );
    return [0, 1, 2].map((i) =>
      concat(
        parts.map((part) => part[i]!),
        0,
      ),
    );
  },
  grad: ({ input, output, attrs }, dlogp) => {
    const operands = [dlogp, input(0), input(1), input(2), output(1)];
    return [...linearLogProbBackwardOp(operands, attrs), null];
  },
  saves: [0, 1, 2, "output"],
  tolerance,
  cost: (inputs, out) => traffic(inputs, out, 2 * inputs[0]!.size * inputs[1]!.shape[0]!),
});

const linearLogProbBackwardOp = /* @__PURE__ */ defineOp<Attrs, "linearLogProbBackward">({
  name: "linearLogProbBackward",
  shape: ([, hidden]) => hidden!.shape,
  dtype: () => "f32",
  lower: ([dlogp, hidden, weight, targets, lse], attrs, { device }) => {
    const inputs = [
      asContiguous(dlogp!),
      asRows(hidden!),
      asRows(weight!),
      targets!.contiguous().lazy.view(),
      asContiguous(lse!),
    ];
    const outputs = [{ shape: hidden!.shape }, { shape: weight!.shape }];
    return (
      tryFused(device, "linearLogProbBackward", attrs, inputs, outputs) ??
      compositeBackward(dlogp!, hidden!, weight!, targets!, attrs, (chunk) => device.tidy(chunk))
    );
  },
  grad: ({ input, attrs }, ...upstream) => {
    const targets = input(3);
    const backward = ([dlogp, hidden, weight]: readonly Tensor[]) =>
      compositeBackward(dlogp!, hidden!, weight!, targets, attrs, (chunk) => chunk());
    return [...vjp(backward, [input(0), input(1), input(2)], upstream), null, null];
  },
  saves: [0, 1, 2, 3],
  tolerance,
  // The logits once more, and a product for each gradient.
  cost: (inputs, out) =>
    traffic(inputs, out, 6 * inputs[1]!.size * inputs[2]!.shape[0]!, 4 * inputs[2]!.size),
});

/** Runs of rows whose logits take at most 4 MB, so that [N, V] never exists as a whole. */
function chunks(hidden: Tensor, weight: Tensor): [start: number, count: number][] {
  const N = hidden.shape[0]!;
  const rows = Math.max(1, Math.floor(2 ** 20 / Math.max(1, weight.shape[0]!)));
  return Array.from({ length: Math.max(1, Math.ceil(N / rows)) }, (_, i) => [
    i * rows,
    Math.min(rows, N - i * rows),
  ]);
}

/**
 * dlogits = scale · dlogp · (onehot(target) − softmax(logits)), in the same chunks. `contain` runs one chunk:
 * in a scope of its own, or, where the gradient is itself recorded, as it is.
 */
function compositeBackward(
  dlogp: Tensor,
  hidden: Tensor,
  weight: Tensor,
  targets: Tensor,
  { scale }: Attrs,
  contain: (chunk: () => Tensor[]) => Tensor[],
): Tensor[] {
  const columns = hidden.device.iota([1, weight.shape[0]!], -1);
  const dhidden: Tensor[] = [];
  let dweight: Tensor | undefined;
  for (const [start, count] of chunks(hidden, weight)) {
    const [part, total] = contain(() => {
      const [rows, upstream] = [hidden.narrow(0, start, count), dlogp.narrow(0, start, count)];
      const probabilities = rows.matmul(weight.transpose()).mul(scale).softmax(-1);
      const isTarget = columns.eq(targets.narrow(0, start, count).unsqueeze(-1)).cast("f32");
      const dlogits = isTarget.sub(probabilities).mul(upstream.unsqueeze(-1)).mul(scale);
      const ofChunk = dlogits.transpose().matmul(rows);
      return [dlogits.matmul(weight), dweight ? dweight.add(ofChunk).eval() : ofChunk];
    });
    dhidden.push(part!);
    dweight = total!;
  }
  return [concat(dhidden, 0), dweight!];
}

export interface LogProbs {
  /** log p(target), [N]. Differentiable in hidden and weight. */
  readonly logProb: Tensor;
  /** Entropy of each row's distribution in nats, [N]. No gradient flows through it. */
  readonly entropy: Tensor;
}

/**
 * Log-probabilities of `targets` [N] (i32) under softmax(hidden · weightᵀ / temperature), for hidden
 * [N, D] and weight [V, D], without the logits [N, V] existing as a whole where the backend has a kernel.
 */
export function linearLogProb(
  hidden: Tensor,
  weight: Tensor,
  targets: Tensor,
  { temperature = 1 }: { readonly temperature?: number } = {},
): LogProbs {
  if (!(temperature > 0)) {
    throw new ArgumentError(`linearLogProb: temperature must be above 0, got ${temperature}.`);
  }
  const attrs = { scale: 1 / temperature };
  const [logProb, , entropy] = linearLogProbOp([hidden, weight, targets], attrs);
  return { logProb: logProb!, entropy: entropy!.detach() };
}
