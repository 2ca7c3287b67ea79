// The GRPO loss (DeepSeekMath eq. 3, DeepSeek-R1 eq. 1–2), token by token as TRL computes it:
// −min(ρ·A, clip(ρ, 1−ε_low, 1+ε_high)·A) + β·k3, averaged as `lossType` says.

import { noGrad, type Tensor } from "@sixtyone/tensor";

/**
 * How tokens are averaged. "grpo": mean over each sequence, then over sequences. "bnpo", "dapo": over all
 * tokens of the batch (they differ with gradient accumulation only: dapo counts the whole generation
 * batch). "dr_grpo": the sum over sequences × maxCompletionLength.
 */
export type LossType = "grpo" | "bnpo" | "dapo" | "dr_grpo";

export interface LossInputs {
  /** Current policy, [B, T], differentiable. */
  readonly logProbs: Tensor;
  /** The policy that sampled, [B, T]. Left out: the current one, so every ratio is 1. */
  readonly oldLogProbs?: Tensor;
  /** The KL term's reference, [B, T]; needed where beta > 0. */
  readonly refLogProbs?: Tensor;
  /** One per sequence, [B]. */
  readonly advantages: Tensor;
  /** 1 where the token counts, f32 [B, T]. */
  readonly mask: Tensor;
}

export interface LossOptions {
  readonly beta: number;
  readonly epsilonLow: number;
  readonly epsilonHigh: number;
  readonly lossType: LossType;
  readonly maxCompletionLength: number;
  /** Tokens that count in the whole generation batch, for "dapo". Default: those of this batch. */
  readonly totalTokens?: number;
  /** Sequences in the whole generation batch, for the other averages. Default: those of this batch. */
  readonly totalSequences?: number;
}

export interface LossResult {
  /** One element; differentiable. */
  readonly loss: Tensor;
  /** Sums over counted tokens, one element each, for metrics. */
  readonly klSum: Tensor;
  /** Tokens whose ratio was cut at the lower bound (A < 0) and at the upper (A > 0). */
  readonly lowClipped: Tensor;
  readonly highClipped: Tensor;
}

/** The loss of one batch and what metrics need of it. */
export function grpoLoss(inputs: LossInputs, options: LossOptions): LossResult {
  const { logProbs, mask } = inputs;
  const { beta, epsilonLow, epsilonHigh } = options;
  const old = inputs.oldLogProbs ?? logProbs.detach();
  const advantages = inputs.advantages.unsqueeze(-1); // [B, 1]
  const ratio = logProbs.sub(old).exp(); // [B, T]
  const clipped = ratio.clamp(1 - epsilonLow, 1 + epsilonHigh);
  let perToken = ratio.mul(advantages).minimum(clipped.mul(advantages)).neg();
  let kl = logProbs.device.zeros(logProbs.shape);
  if (inputs.refLogProbs) {
    kl = k3(logProbs, inputs.refLogProbs);
    if (beta > 0) perToken = perToken.add(kl.mul(beta));
  }
  const loss = aggregate(perToken, mask, options);
  return noGrad(() => {
    const count = (condition: Tensor): Tensor => condition.cast("f32").mul(mask).sum();
    return {
      loss,
      klSum: kl.detach().mul(mask).sum(),
      lowClipped: count(
        ratio
          .detach()
          .lt(1 - epsilonLow)
          .logicalAnd(advantages.lt(0)),
      ),
      highClipped: count(
        ratio
          .detach()
          .gt(1 + epsilonHigh)
          .logicalAnd(advantages.gt(0)),
      ),
    };
  });
}

/** Schulman's k3 estimate of KL(π ‖ π_ref): e^d − d − 1 with d = log π_ref − log π. Never negative. */
export function k3(logProbs: Tensor, refLogProbs: Tensor): Tensor {
  const d = refLogProbs.sub(logProbs);
  return d.exp().sub(d).sub(1);
}

function aggregate(perToken: Tensor, mask: Tensor, options: LossOptions): Tensor {
  const masked = perToken.mul(mask);
  const [B] = mask.shape as [number];
  const sequences = options.totalSequences ?? B;
  switch (options.lossType) {
    case "grpo": {
      const tokens = mask.sum(-1).maximum(1); // [B]
      return masked
        .sum(-1)
        .div(tokens)
        .sum()
        .mul(1 / sequences);
    }
    case "bnpo":
      return masked
        .sum()
        .div(mask.sum().maximum(1))
        .mul(B / sequences);
    case "dapo":
      if (options.totalTokens !== undefined)
        return masked.sum().mul(1 / Math.max(options.totalTokens, 1));
      return masked.sum().div(mask.sum().maximum(1));
    case "dr_grpo":
      return masked.sum().mul(1 / (sequences * options.maxCompletionLength));
  }
}
