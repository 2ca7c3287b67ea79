// Accuracy in mathematics: 1 for a completion whose answer equals the gold answer, else 0; null where the
// gold answer cannot be read, for such a sample teaches nothing.

import { defineReward, type Reward, type RewardDetail } from "../reward.ts";
import { gradeMath, type GradeMathOptions } from "./grade.ts";

export interface MathRewardOptions extends GradeMathOptions {
  /** The name in metrics. Default "accuracy". */
  readonly rewardName?: string;
}

/** The reward of a right answer, by `context.gold`. */
export function mathReward({
  rewardName = "accuracy",
  ...options
}: MathRewardOptions = {}): Reward {
  return defineReward(rewardName, (completion, { gold }): RewardDetail => {
    if (gold === undefined || gold === null) {
      return {
        reward: null,
        verdict: "gold-unparsable",
        reason: "the context holds no gold answer",
      };
    }
    const grade = gradeMath(typeof gold === "number" ? String(gold) : gold, completion, options);
    if (grade.verdict === "gold-unparsable") return { reward: null, ...grade };
    return { reward: grade.verdict === "correct" ? 1 : 0, ...grade };
  });
}
