// A reward from rewards: a weighted sum, where a gate can close it and caps bound it. Terms are named by
// their rewards; nothing is registered anywhere.

import { defineReward, type Reward, type RewardContext, type RewardDetail } from "../reward.ts";

export interface Range {
  readonly min?: number;
  readonly max?: number;
}

export interface Term {
  readonly reward: Reward;
  /** Default 1. */
  readonly weight?: number;
  /** Bounds of the weighted value. */
  readonly cap?: Range;
  /** The whole is `closed` (see CombineOptions) unless this term reaches `gate`, before its weight. */
  readonly gate?: number;
  /** What a null does: "skip" leaves the term out (default), "null" makes the whole null. */
  readonly ifNull?: "skip" | "null";
}

export interface CombineOptions {
  /** Default "combined". */
  readonly name?: string;
  /** Bounds of the sum. */
  readonly cap?: Range;
  /** The reward when a gate is not reached. Default 0. */
  readonly closed?: number;
}

/** A term with its number: what the detailed form reports as `terms`. */
export interface TermReport extends RewardDetail {
  readonly name: string;
  readonly weighted: number | null;
}

export function combine(
  terms: readonly Term[],
  { name = "combined", cap, closed = 0 }: CombineOptions = {},
): Reward {
  if (terms.length === 0) throw new RangeError("combine: expected at least one term, got none.");
  const add = (details: readonly RewardDetail[]): RewardDetail => {
    const reports = details.map((detail, i) => report(terms[i]!, detail));
    // What was found and how it was judged is the first term's that says so.
    const judged = reports.find(({ verdict }) => verdict !== undefined);
    const found = judged && { verdict: judged.verdict, extracted: judged.extracted };
    const result = (reward: number | null, reason: string): RewardDetail => ({
      ...found,
      reward,
      reason,
      terms: reports,
    });
    const missing = reports.find(({ reward }, i) => reward === null && terms[i]!.ifNull === "null");
    if (missing) return result(null, `${missing.name}: ${missing.reason ?? "does not apply"}`);
    const known = reports.filter(({ weighted }) => weighted !== null);
    if (known.length === 0) return result(null, "no term applies");
    // A gate that does not apply is not reached.
    const shut = reports.find(({ reward }, i) => {
      const { gate } = terms[i]!;
      return gate !== undefined && !(reward !== null && reward >= gate);
    });
    if (shut) return result(closed, `closed by ${shut.name}: ${shut.reason ?? shut.reward}`);
    const sum = known.reduce((total, { weighted }) => total + weighted!, 0);
    return result(
      within(sum, cap),
      known.map((term) => `${term.name} ${term.weighted}`).join(", "),
    );
  };
  const detail = (
    completion: string,
    context: RewardContext,
  ): RewardDetail | Promise<RewardDetail> => {
    const details = terms.map(({ reward }) => reward.detail(completion, context));
    const plain = details.filter((item): item is RewardDetail => !(item instanceof Promise));
    return plain.length === details.length ? add(plain) : Promise.all(details).then(add);
  };
  if (!terms.some(({ reward }) => reward.group)) return defineReward(name, detail);
  return defineReward(name, detail, async (completions, contexts) => {
    const byTerm = await Promise.all(
      terms.map(({ reward }) => groupDetails(reward, completions, contexts)),
    );
    return completions.map((_, i) => add(byTerm.map((details) => details[i]!)));
  });
}

/** A group's details, together where the reward compares and one by one where it does not. */
export async function groupDetails(
  reward: Reward,
  completions: readonly string[],
  contexts: readonly RewardContext[],
): Promise<readonly RewardDetail[]> {
  if (reward.group) return reward.group(completions, contexts);
  return Promise.all(completions.map((text, i) => reward.detail(text, contexts[i]!)));
}

function report({ reward, weight = 1, cap }: Term, detail: RewardDetail): TermReport {
  const weighted = detail.reward === null ? null : within(detail.reward * weight, cap);
  return { ...detail, name: reward.rewardName, weighted };
}

function within(value: number, { min = -Infinity, max = Infinity }: Range = {}): number {
  return Math.min(Math.max(value, min), max);
}
