// The rewards of TRL by their names there, with their quirks. Source: github.com/huggingface/trl 1.16
// (trl/rewards, Apache-2.0).

import { cosineBetween } from "../length/cosine.ts";
import { tokenCount } from "../length/measure.ts";
import { softOverlongValue } from "../length/soft-overlong.ts";
import { defineReward, type Reward, type RewardDetail } from "../reward.ts";
import { judgeLikeMathVerify } from "./math-verify.ts";
import { repeatedNgrams } from "./regular.ts";

const noGold = {
  reward: null,
  verdict: "gold-unparsable",
  reason: "no gold answer to read",
} as const;

function accuracyOf(completion: string, gold: string | undefined): RewardDetail {
  if (gold === undefined) return noGold;
  const { correct, extracted } = judgeLikeMathVerify(gold, completion);
  if (correct === undefined) return noGold;
  return { reward: Number(correct), extracted };
}

/** A LaTeX answer equal to `context.gold`, anywhere in the completion. */
export function accuracyReward(): Reward {
  return defineReward("accuracy_reward", (completion, { gold }) => accuracyOf(completion, gold));
}

export interface ReasoningAccuracyOptions {
  /** The first of these that stands in the completion ends the reasoning. Default `["</think>"]`. */
  readonly reasoningDelimiters?: readonly string[];
}

/** The same after the last delimiter; 0 where there is none, whatever the gold answer. */
export function reasoningAccuracyReward({
  reasoningDelimiters = ["</think>"],
}: ReasoningAccuracyOptions = {}): Reward {
  return defineReward("reasoning_accuracy_reward", (completion, { gold }) => {
    const delimiter = reasoningDelimiters.find((mark) => completion.includes(mark));
    if (delimiter === undefined) return { reward: 0, reason: "incomplete reasoning" };
    return accuracyOf(completion.slice(completion.lastIndexOf(delimiter) + delimiter.length), gold);
  });
}

/** One <think> at the start and a </think> somewhere: an empty reasoning and a second </think> pass. */
export function thinkFormatReward(): Reward {
  const open = "<think>";
  return defineReward("think_format_reward", (completion) => {
    const isOnce = completion.startsWith(open) && !completion.includes(open, open.length);
    return { reward: Number(isOnce && completion.includes("</think>")) };
  });
}

export interface CosineScaledOptions {
  /** In tokens. */
  readonly maxLen: number;
  readonly minValueWrong?: number;
  readonly maxValueWrong?: number;
  readonly minValueCorrect?: number;
  readonly maxValueCorrect?: number;
}

/** Accuracy scaled by half a cosine over the tokens, clamped at maxLen. */
export function cosineScaledReward({
  maxLen,
  minValueWrong = -1,
  maxValueWrong = -0.5,
  minValueCorrect = 0.5,
  maxValueCorrect = 1,
}: CosineScaledOptions): Reward {
  return defineReward("cosine_scaled_reward", (completion, context): RewardDetail => {
    const judged = accuracyOf(completion, context.gold);
    if (judged.reward === null) return judged;
    const progress = Math.min(tokenCount(completion, context) / maxLen, 1);
    const [short, long] =
      judged.reward === 1 ? [maxValueCorrect, minValueCorrect] : [minValueWrong, maxValueWrong];
    return { ...judged, reward: cosineBetween(short, long, progress) };
  });
}

export interface RepetitionPenaltyOptions {
  /** Default 3. */
  readonly ngramSize?: number;
  /** Default -1. */
  readonly maxPenalty?: number;
}

/** Over the tokens of `context.tokenIds`. */
export function repetitionPenaltyReward({
  ngramSize = 3,
  maxPenalty = -1,
}: RepetitionPenaltyOptions = {}): Reward {
  if (maxPenalty > 0) throw new RangeError(`max_penalty ${maxPenalty} should not be positive`);
  return defineReward("repetition_penalty_reward", (completion, context) => {
    tokenCount(completion, context); // says what is missing
    const share = repeatedNgrams(context.tokenIds!, ngramSize);
    return { reward: share ? share * maxPenalty : 0 };
  });
}

export interface SoftOverlongPunishmentOptions {
  readonly maxCompletionLen: number;
  readonly softPunishCache: number;
}

/** DAPO's, in tokens. */
export function softOverlongPunishment({
  maxCompletionLen,
  softPunishCache,
}: SoftOverlongPunishmentOptions): Reward {
  return defineReward("soft_overlong_punishment_reward", (completion, context) => ({
    reward: softOverlongValue(tokenCount(completion, context), maxCompletionLen, softPunishCache),
  }));
}
