// A format of any tags: each once, in order, nothing but white space outside them. R1-Zero's format is the
// one with think and answer (think-answer.ts).

import { defineReward, type Reward, type RewardDetail } from "../reward.ts";
import { findTags, tagPairs, type FoundTag } from "./tag-scanner.ts";

export interface TaggedFormatOptions {
  /** Tag names in the order they must come in, for instance `["think", "answer"]`. */
  readonly tags: readonly string[];
  /** The prompt ends with the first opening tag, so the completion starts inside it. Default false. */
  readonly prefilled?: boolean;
  /** An equal share for each tag that stands where it should, instead of all or nothing. Default false. */
  readonly partial?: boolean;
  /** Tags that may hold white space only. Default none. */
  readonly mayBeEmpty?: readonly string[];
  /** Whether text may stand before, between and after the sections. Default false. */
  readonly textOutside?: boolean;
  /** As it appears in metrics. Default "format". */
  readonly name?: string;
}

/** Rewards completions of the form <a>…</a><b>…</b> with these tags, each once and in this order. */
export function taggedFormat(options: TaggedFormatOptions): Reward {
  const { tags: names, prefilled = false, partial = false, name = "format" } = options;
  if (names.length === 0)
    throw new RangeError("taggedFormat: expected at least one tag, got none.");
  const tags = tagPairs(names);
  return defineReward(name, (completion): RewardDetail => {
    const text = prefilled ? tags[0] + completion : completion;
    const found = findTags(text, tags);
    const problem = findProblem(text, tags, found, options);
    if (problem === undefined) return { reward: 1, reason: `${names.join(", then ")}` };
    const right = tags.filter((tag, i) => found[i]?.tag === tag).length;
    // Extra tags are not a better format: they cost the partial credit too.
    const earns = partial && found.length <= tags.length && right < tags.length;
    return { reward: earns ? right / tags.length : 0, reason: problem };
  });
}

function findProblem(
  text: string,
  tags: readonly string[],
  found: readonly FoundTag[],
  { tags: names, mayBeEmpty = [], textOutside = false }: TaggedFormatOptions,
): string | undefined {
  if (found.length !== tags.length || tags.some((tag, i) => found[i]!.tag !== tag)) {
    const order = summarize(found.map(({ tag }) => tag));
    return `expected ${tags.join(" ")}, each once, found ${order}`;
  }
  // Section i runs from the end of tag i to the start of the next: even ones are bodies, odd ones gaps.
  const isBlank = (i: number): boolean =>
    text.slice(found[i]!.start + tags[i]!.length, found[i + 1]?.start).trim() === "";
  if (!textOutside && text.slice(0, found[0]!.start).trim() !== "") return `text before ${tags[0]}`;
  for (let i = 0; i < tags.length; i++) {
    const isBody = i % 2 === 0;
    if (isBody && isBlank(i) && !mayBeEmpty.includes(names[i / 2]!)) return `${tags[i]} is empty`;
    if (!isBody && !textOutside && !isBlank(i)) {
      return i + 1 < tags.length
        ? `text between ${tags[i]} and ${tags[i + 1]}`
        : `text after ${tags[i]}`;
    }
  }
  return undefined;
}

/** A completion may hold a hundred thousand tags; a reason names the first few. */
function summarize(tags: readonly string[]): string {
  if (tags.length === 0) return "no tags";
  const more = tags.length > 12 ? ` and ${tags.length - 12} more` : "";
  return tags.slice(0, 12).join(" ") + more;
}
