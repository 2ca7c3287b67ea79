// The slot for a preference model in the final stage of training (DeepSeek-R1 §3.2): any function, local
// or over the network, that scores an answer. R1's helpfulness model sees the final summary only, its
// safety model the whole response; `sees` says which.

import { splitReasoning, type ReasoningOptions } from "../format/reasoning.ts";
import { defineReward, type Reward, type RewardContext, type RewardDetail } from "../reward.ts";
import { withTimeout } from "./batch.ts";

export interface PreferenceOptions extends ReasoningOptions {
  /** The model. Higher is better; what is not a finite number counts as no score. */
  readonly score: (text: string, context: RewardContext) => number | null | Promise<number | null>;
  /** What it is shown: the text after the reasoning (default) or all of it. */
  readonly sees?: "answer" | "completion";
  /** The reward for an empty answer, which is never shown to the model. Default 0. */
  readonly emptyReward?: number;
  /** Bounds, against scores far outside what the model was trained on. Default none. */
  readonly clamp?: { readonly min: number; readonly max: number };
  /** Default 60,000. Out of time is no score (null). */
  readonly timeoutMs?: number;
  /** Default "preference". */
  readonly name?: string;
}

export function preference({
  score,
  sees = "answer",
  emptyReward = 0,
  clamp,
  timeoutMs = 60_000,
  name = "preference",
  ...reasoning
}: PreferenceOptions): Reward {
  const reward = defineReward(name, async (completion, context): Promise<RewardDetail> => {
    const text = sees === "answer" ? splitReasoning(completion, reasoning).visible : completion;
    if (text.trim() === "")
      return { reward: emptyReward, verdict: "no-answer", reason: "nothing to score" };
    try {
      const value = await score(text, context);
      if (value === null || !Number.isFinite(value)) {
        return { reward: null, reason: `expected a finite score, got ${value}` };
      }
      const reward = clamp ? Math.min(Math.max(value, clamp.min), clamp.max) : value;
      return { reward, score: value, reason: "scored" };
    } catch (error) {
      return { reward: null, reason: `the scorer failed: ${String(error)}`, error };
    }
  });
  return withTimeout(reward, timeoutMs, { onTimeout: null });
}
