import { ArgumentError, ShapeError } from "../../errors.ts";
import { formatShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { gather } from "../gather/gather.ts";
import { logsumexp } from "../softmax/softmax.ts";

export interface CrossEntropyOptions {
  /** "mean" (default, over the targets that count), "sum", or "none": a loss per row, [N]. */
  readonly reduction?: "mean" | "sum" | "none";
  /** Rows with this target give a loss of 0 and no gradient. Default: none. */
  readonly ignoreIndex?: number;
  /** In 0..1: this much of the target's probability is spread evenly over all V classes. Default 0. */
  readonly labelSmoothing?: number;
}

/**
 * −log softmax(logits)[target] for logits [N, V] and targets [N] (i32); the mean by default, NaN where no
 * target counts. As torch.nn.functional.cross_entropy. For logits that are a matrix product,
 * `linearLogProb` never stores them. Throws ArgumentError on options it does not know.
 */
export function crossEntropy(
  logits: Tensor,
  targets: Tensor,
  options: CrossEntropyOptions = {},
): Tensor {
  const { reduction = "mean", ignoreIndex, labelSmoothing = 0, ...unknown } = options;
  checkOptions(reduction, labelSmoothing, Object.keys(unknown));
  if (logits.rank !== 2 || targets.rank !== 1 || logits.shape[0] !== targets.shape[0]) {
    throw new ShapeError(
      `crossEntropy: expected logits [N, V] and targets [N], got ${formatShape(logits.shape)} and ` +
        `${formatShape(targets.shape)}. Flatten the leading axes first.`,
    );
  }
  const counts = ignoreIndex === undefined ? undefined : targets.ne(ignoreIndex); // [N]
  const classes = counts ? counts.where(targets, 0) : targets;
  const chosen = gather(logits, -1, classes.unsqueeze(-1), "crossEntropy").squeeze(-1);
  const total = logsumexp(logits, -1);
  let losses = total.sub(chosen);
  if (labelSmoothing > 0) {
    losses = losses.mul(1 - labelSmoothing).add(total.sub(logits.mean(-1)).mul(labelSmoothing));
  }
  if (counts) losses = counts.where(losses, 0);
  if (reduction === "none") return losses;
  if (reduction === "sum") return losses.sum();
  return counts ? losses.sum().div(counts.sum()) : losses.mean();
}

function checkOptions(reduction: string, labelSmoothing: number, unknown: readonly string[]): void {
  if (!["mean", "sum", "none"].includes(reduction)) {
    throw new ArgumentError(
      `crossEntropy: reduction is "mean", "sum" or "none", got ${String(reduction)}.`,
    );
  }
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new ArgumentError(`crossEntropy: labelSmoothing must be in 0..1, got ${labelSmoothing}.`);
  }
  if (unknown.length > 0) {
    throw new ArgumentError(
      `crossEntropy: there is no option ${unknown.join(", ")}. Use reduction, ignoreIndex or labelSmoothing.`,
    );
  }
}
