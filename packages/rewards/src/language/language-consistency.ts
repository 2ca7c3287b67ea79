// R1's language consistency: words of the target language / words, in the chain of thought (DeepSeek-R1
// §2.3.2 and appendix B.6), to be added to the accuracy. Code, mathematics and numbers are no words. By
// script alone the languages of one script count as one; an identifier tells them apart, sentence by sentence.

import { splitReasoning, type ReasoningOptions } from "../format/reasoning.ts";
import { defineReward, type Reward, type RewardDetail } from "../reward.ts";
import { proseOf } from "./prose.ts";
import { isInScript, isLatinLanguage, wordsOf } from "./scripts.ts";

/** The ISO 639-1 code of a text's language, or undefined if it cannot tell. */
export type LanguageIdentifier = (text: string) => string | undefined;

export interface LanguageConsistencyOptions extends ReasoningOptions {
  /** ISO 639-1 code of the target language. Default context.language, else "en". */
  readonly language?: string;
  /** What is looked at: the chain of thought, or all of it where there is none (default), or all. */
  readonly of?: "reasoning" | "completion";
  /**
   * Tells languages of one script apart, for instance `ngramIdentifier()` of
   * "@sixtyone/rewards/ngram". Default: script only.
   */
  readonly identify?: LanguageIdentifier;
  /** The reward where there are no words. Default 1: nothing is in another language. */
  readonly emptyReward?: number;
  /** No more than this much of the text is looked at. Default 200,000. */
  readonly maxCharacters?: number;
}

export function languageConsistency({
  language: fixed,
  of = "reasoning",
  identify,
  emptyReward = 1,
  maxCharacters = 200_000,
  ...reasoning
}: LanguageConsistencyOptions = {}): Reward {
  return defineReward("language_consistency", (completion, context): RewardDetail => {
    const language =
      fixed ?? (typeof context["language"] === "string" ? context["language"] : "en");
    const thought = splitReasoning(completion, reasoning).reasoning;
    const text = of === "reasoning" && thought.trim() !== "" ? thought : completion;
    const { right, total } = countWords(text.slice(0, maxCharacters), language, identify);
    if (total === 0) return { reward: emptyReward, reason: "no words" };
    return {
      reward: right / total,
      reason: `${right} of ${total} words are ${language}`,
      words: total,
    };
  });
}

/** How many words a text has and how many of them are of the language. */
export function countWords(
  text: string,
  language: string,
  identify?: LanguageIdentifier,
): { right: number; total: number } {
  const prose = proseOf(text);
  let right = 0;
  let total = 0;
  // Sentences matter only where something judges them.
  const parts = identify ? (prose.match(/[^.!?。！？\n]+/gu) ?? []) : [prose];
  for (const part of parts) {
    const words = wordsOf(part, language);
    const inScript = words.filter((word) => isInScript(word, language));
    total += words.length;
    right += isOther(part, inScript, language, identify) ? 0 : inScript.length;
  }
  return { right, total };
}

function isOther(
  sentence: string,
  words: readonly string[],
  language: string,
  identify: LanguageIdentifier | undefined,
): boolean {
  // Identifiers guess on a word or two ("So x = 5."): three words are the least to go by.
  if (!identify || words.length < 3) return false;
  const found = identify(isLatinLanguage(language) ? words.join(" ") : sentence);
  return found !== undefined && found !== language;
}
