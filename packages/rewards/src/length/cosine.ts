// Length by a half cosine (Demystifying Long Chain-of-Thought, arXiv 2502.03373 §3): a correct answer pays
// more the shorter it is, a wrong one costs less the longer it is. Beyond maxLength the value stays where
// it is: unclamped, as in open-r1, it would climb again.

import { defineReward, whenKnown, type Reward, type RewardDetail } from "../reward.ts";
import { tokenCount, type LengthOf } from "./measure.ts";

export interface CosineLengthOptions {
  /** Tells right from wrong: correct if it gives more than 0.5. */
  readonly accuracy: Reward;
  /** Length at which the curve ends, in what `length` counts. */
  readonly maxLength: number;
  /** Values at length 0 and at maxLength. Defaults 1 and 0.5. */
  readonly correct?: { readonly short: number; readonly long: number };
  /** Defaults -1 and -0.5. */
  readonly wrong?: { readonly short: number; readonly long: number };
  /** Default tokenCount. */
  readonly length?: LengthOf;
}

/** Half a cosine from `short` at progress 0 to `long` at progress 1. */
export function cosineBetween(short: number, long: number, progress: number): number {
  return long + 0.5 * (short - long) * (1 + Math.cos(Math.PI * progress));
}

export function cosineLength({
  accuracy,
  maxLength,
  correct = { short: 1, long: 0.5 },
  wrong = { short: -1, long: -0.5 },
  length = tokenCount,
}: CosineLengthOptions): Reward {
  if (!(maxLength > 0)) {
    throw new RangeError(`cosineLength: expected maxLength above 0, got ${maxLength}.`);
  }
  return defineReward("cosine_length", (completion, context) =>
    whenKnown(accuracy.detail(completion, context), (judged): RewardDetail => {
      if (judged.reward === null) return { ...judged, reward: null };
      const measured = length(completion, context);
      const isCorrect = judged.reward > 0.5;
      const { short, long } = isCorrect ? correct : wrong;
      const reward = cosineBetween(short, long, Math.min(measured / maxLength, 1));
      return {
        ...judged,
        reward,
        reason: `${isCorrect ? "correct" : "wrong"} at length ${measured}`,
      };
    }),
  );
}
