import { ShapeError } from "../../errors.ts";
import { formatShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { logsumexp } from "../softmax/softmax.ts";

/**
 * −log softmax(logits)[target] for logits [N, V] and targets [N] (i32); the mean by default. For
 * logits that are a matrix product, `linearLogProb` never stores them.
 */
export function crossEntropy(
  logits: Tensor,
  targets: Tensor,
  { reduction = "mean" }: { readonly reduction?: "mean" | "sum" | "none" } = {},
): Tensor {
  if (logits.rank !== 2 || targets.rank !== 1 || logits.shape[0] !== targets.shape[0]) {
    throw new ShapeError(
      `crossEntropy: expected logits [N, V] and targets [N], got ${formatShape(logits.shape)} and ` +
        `${formatShape(targets.shape)}. Flatten the leading axes first.`,
    );
  }
  const chosen = logits.gather(-1, targets.unsqueeze(-1)).squeeze(-1);
  const losses = logsumexp(logits, -1).sub(chosen);
  if (reduction === "none") return losses;
  return reduction === "sum" ? losses.sum() : losses.mean();
}
