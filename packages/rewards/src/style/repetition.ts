// A penalty for saying the same again: maxPenalty · (1 − different n-grams / n-grams), after Demystifying
// Long Chain-of-Thought (arXiv 2502.03373 appendix C.2). Over words, where Chinese, Japanese and Thai
// characters count as words of their own: split at spaces only, as elsewhere, they are never repetitive.

import { defineReward, type Reward, type RewardDetail } from "../reward.ts";

export interface RepetitionOptions {
  /** Default 3. */
  readonly ngramSize?: number;
  /** What a completion that only repeats itself approaches; not positive. Default -1. */
  readonly maxPenalty?: number;
  /** Over what: "words" (default) or "tokens", from context.tokenIds. */
  readonly unit?: "words" | "tokens";
}

const wordPattern =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]+/gu;

/** 1 − different / all of the n-grams; 0 where there is none. */
export function repeatedShare(items: readonly (string | number)[], ngramSize: number): number {
  const total = items.length - ngramSize + 1;
  if (total <= 0) return 0;
  const seen = new Set<string>();
  for (let i = 0; i < total; i++) seen.add(items.slice(i, i + ngramSize).join(" "));
  return 1 - seen.size / total;
}

export function repetitionPenalty({
  ngramSize = 3,
  maxPenalty = -1,
  unit = "words",
}: RepetitionOptions = {}): Reward {
  if (!Number.isInteger(ngramSize) || ngramSize < 1) {
    throw new RangeError(`repetitionPenalty: expected ngramSize of 1 or more, got ${ngramSize}.`);
  }
  if (maxPenalty > 0) {
    throw new RangeError(`repetitionPenalty: expected maxPenalty of at most 0, got ${maxPenalty}.`);
  }
  return defineReward("repetition", (completion, { tokenIds }): RewardDetail => {
    if (unit === "tokens" && tokenIds === undefined) {
      throw new TypeError(
        'repetitionPenalty: expected context.tokenIds, got none. Pass them, or use unit "words".',
      );
    }
    const items =
      unit === "tokens" ? tokenIds! : (completion.toLowerCase().match(wordPattern) ?? []);
    const share = repeatedShare(items, ngramSize);
    const percent = (100 * share).toFixed(1);
    return {
      reward: share === 0 ? 0 : share * maxPenalty,
      reason: `${percent} % of the ${ngramSize}-grams repeat`,
    };
  });
}
