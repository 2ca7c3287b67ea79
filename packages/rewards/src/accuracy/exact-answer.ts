// Accuracy by exact text: 1 if the answer in the last <answer>…</answer> after the reasoning is the gold
// answer, else 0 (DeepSeek-R1 §2.2.2, rule-based accuracy reward).

import { defineReward, type Reward, type RewardDetail } from "../reward.ts";

export interface ExactAnswerOptions {
  /** Applied to both sides before they are compared. Default: trims white space. */
  readonly normalize?: (answer: string) => string;
}

/**
 * What stands in the last `<answer>…</answer>` after the last `</think>`; undefined if there is none. An
 * answer inside the reasoning does not count.
 */
export function lastAnswer(completion: string): string | undefined {
  const close = completion.lastIndexOf("</think>");
  const visible = close < 0 ? completion : completion.slice(close + "</think>".length);
  const end = visible.lastIndexOf("</answer>");
  if (end < 0) return undefined;
  const start = visible.lastIndexOf("<answer>", end);
  return start < 0 ? undefined : visible.slice(start + "<answer>".length, end);
}

export function exactAnswer({
  normalize = (text) => text.trim(),
}: ExactAnswerOptions = {}): Reward {
  return defineReward("accuracy", (completion, { gold }): RewardDetail => {
    if (gold === undefined) {
      return {
        reward: null,
        verdict: "gold-unparsable",
        reason: "the context holds no gold answer",
      };
    }
    const extracted = lastAnswer(completion);
    if (extracted === undefined) {
      return {
        reward: 0,
        verdict: "no-answer",
        reason: "no <answer>…</answer> after the reasoning",
      };
    }
    const correct = normalize(extracted) === normalize(gold);
    return correct
      ? { reward: 1, verdict: "correct", extracted, reason: "equal to the gold answer" }
      : { reward: 0, verdict: "wrong", extracted, reason: `expected ${normalize(gold)}` };
  });
}
