// Kimi k1.5's length reward (arXiv 2501.12599 §2.3.3): within the answers to one prompt, λ = 0.5 − (length −
// shortest) / (longest − shortest); a correct answer gets λ, a wrong one min(0, λ); all equally long, 0.
// It compares, so it needs the group.

import { defineReward, type Reward, type RewardContext, type RewardDetail } from "../reward.ts";
import { tokenCount, type LengthOf } from "./measure.ts";

export interface KimiLengthOptions {
  /** Tells right from wrong: correct if it gives more than 0.5. */
  readonly accuracy: Reward;
  /** Default tokenCount. */
  readonly length?: LengthOf;
}

/** λ for each length, before correctness. */
export function lengthAdvantages(lengths: readonly number[]): number[] {
  let shortest = Infinity;
  let longest = -Infinity;
  for (const length of lengths) {
    shortest = Math.min(shortest, length);
    longest = Math.max(longest, length);
  }
  if (longest === shortest) return lengths.map(() => 0);
  return lengths.map((length) => 0.5 - (length - shortest) / (longest - shortest));
}

/**
 * Judge whole groups with `rewardBatch`, or give `context.groupLengths`, the lengths of all answers to the
 * prompt; without either the reward does not apply.
 */
export function kimiLength({ accuracy, length = tokenCount }: KimiLengthOptions): Reward {
  const judge = (judged: RewardDetail, lambda: number): RewardDetail => {
    if (judged.reward === null) return { ...judged, reward: null };
    const isCorrect = judged.reward > 0.5;
    return {
      ...judged,
      reward: isCorrect ? lambda : Math.min(0, lambda),
      reason: `${isCorrect ? "correct" : "wrong"}, λ = ${lambda.toFixed(3)} in its group`,
    };
  };
  const group = async (
    completions: readonly string[],
    contexts: readonly RewardContext[],
  ): Promise<RewardDetail[]> => {
    const judged = await Promise.all(
      completions.map((text, i) => accuracy.detail(text, contexts[i]!)),
    );
    const lambdas = lengthAdvantages(completions.map((text, i) => length(text, contexts[i]!)));
    return judged.map((detail, i) => judge(detail, lambdas[i]!));
  };
  return defineReward(
    "kimi_length",
    async (completion, context): Promise<RewardDetail> => {
      const lengths = context["groupLengths"];
      if (!isLengths(lengths)) {
        return { reward: null, reason: "needs the group: use rewardBatch or context.groupLengths" };
      }
      const own = length(completion, context);
      const lambdas = lengthAdvantages([own, ...lengths]);
      return judge(await accuracy.detail(completion, context), lambdas[0]!);
    },
    group,
  );
}

function isLengths(value: unknown): value is readonly number[] {
  return (
    Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "number")
  );
}
