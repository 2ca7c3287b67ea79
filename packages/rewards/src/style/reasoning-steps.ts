// Rewards reasoning laid out in steps: numbered steps and lists, bullets, and the words that order a text.
// A step counts if it stands at the start of a line and says something; the same number or word counts
// once. So "First, First, First," is one step, where open-r1's pattern sees three.

import { defineReward, type Reward, type RewardDetail } from "../reward.ts";

export interface ReasoningStepsOptions {
  /** Steps for the full reward. Default 3. */
  readonly target?: number;
}

const ordering = new Set(
  "first firstly second secondly third thirdly next then finally lastly".split(" "),
);

/** The label of the step a line starts, and what it says; undefined if it starts none. */
function stepOf(line: string): { label: string; body: string } | undefined {
  const text = line.trim().replace(/^#{1,6} |^\*\*/, "");
  const numbered = /^(?:step )?(\d{1,6})[.):]/i.exec(text);
  if (numbered) return { label: String(Number(numbered[1])), body: text.slice(numbered[0].length) };
  if (/^[-*•] /.test(text)) return { label: `bullet ${text}`, body: text.slice(2) };
  const word = /^([A-Za-z]{4,8}),/.exec(text);
  if (word && ordering.has(word[1]!.toLowerCase())) {
    return { label: word[1]!.toLowerCase(), body: text.slice(word[0].length) };
  }
  return undefined;
}

/** How many different steps a text lays out. */
export function countSteps(text: string): number {
  const labels = new Set<string>();
  for (const line of text.split("\n")) {
    const step = stepOf(line);
    if (step && /[\p{L}\p{N}]/u.test(step.body)) labels.add(step.label);
  }
  return labels.size;
}

export function reasoningSteps({ target = 3 }: ReasoningStepsOptions = {}): Reward {
  if (!(target > 0))
    throw new RangeError(`reasoningSteps: expected target above 0, got ${target}.`);
  return defineReward("reasoning_steps", (completion): RewardDetail => {
    const count = countSteps(completion);
    return { reward: Math.min(1, count / target), reason: `${count} of ${target} steps` };
  });
}
