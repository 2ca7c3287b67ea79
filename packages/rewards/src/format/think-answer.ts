// R1-Zero's format: the reasoning in <think>…</think>, then the answer in <answer>…</answer>, each tag
// once and in this order (DeepSeek-R1 Table 1, §2.2.2). A state machine over the tags: no regular
// expression, so no backtracking, whatever the text.

import { defineReward, type Reward, type RewardDetail } from "../reward.ts";

export interface ThinkAnswerOptions {
  /** The prompt ends with `<think>`, so the completion starts inside the reasoning. Default false. */
  readonly prefilledThink?: boolean;
  /** A quarter for each tag that stands where it should, instead of all or nothing. Default false. */
  readonly partial?: boolean;
  /** Whether a reasoning of white space only is accepted. Default false. */
  readonly allowEmptyThink?: boolean;
}

const tags = ["<think>", "</think>", "<answer>", "</answer>"] as const;

/** The tags of a text in order, with where they start. */
function findTags(text: string): { tag: (typeof tags)[number]; start: number }[] {
  const found = [];
  for (let at = text.indexOf("<"); at >= 0; at = text.indexOf("<", at + 1)) {
    const tag = tags.find((candidate) => text.startsWith(candidate, at));
    if (tag) found.push({ tag, start: at });
  }
  return found;
}

/** Rewards completions of the form <think>reasoning</think><answer>answer</answer>. */
export function thinkAnswerFormat({
  prefilledThink = false,
  partial = false,
  allowEmptyThink = false,
}: ThinkAnswerOptions = {}): Reward {
  return defineReward("format", (completion): RewardDetail => {
    const text = prefilledThink ? `<think>${completion}` : completion;
    const found = findTags(text);
    const right = tags.filter((tag, i) => found[i]?.tag === tag).length;
    const problem = describe(text, found, allowEmptyThink);
    if (problem === undefined) return { reward: 1, reason: "think, then answer" };
    // Extra tags are not a better format: they cost the partial credit too.
    const credit = partial && found.length <= tags.length && right < tags.length ? right / tags.length : 0;
    return { reward: credit, reason: problem };
  });
}

function describe(
  text: string,
  found: readonly { tag: string; start: number }[],
  allowEmptyThink: boolean,
): string | undefined {
  if (found.length !== tags.length || tags.some((tag, i) => found[i]!.tag !== tag)) {
    const order = found.map(({ tag }) => tag).join(" ") || "no tags";
    return `expected ${tags.join(" ")}, each once, found ${order}`;
  }
  const inside = (i: number): string =>
    text.slice(found[i]!.start + tags[i]!.length, found[i + 1]!.start).trim();
  if (text.slice(0, found[0]!.start).trim() !== "") return "text before <think>";
  if (inside(1) !== "") return "text between </think> and <answer>";
  if (text.slice(found[3]!.start + tags[3].length).trim() !== "") return "text after </answer>";
  if (!allowEmptyThink && inside(0) === "") return "the reasoning is empty";
  if (inside(2) === "") return "the answer is empty";
  return undefined;
}
