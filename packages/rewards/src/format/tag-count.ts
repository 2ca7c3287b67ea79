// A share of the reward for every tag that stands exactly once: a gentle slope towards the format, meant to
// be used beside it. White space and order are not judged, so the whole format should pay more.

import { defineReward, type Reward, type RewardDetail } from "../reward.ts";
import { countOf, tagPairs } from "./tag-scanner.ts";

export interface TagCountOptions {
  /** Tag names. Default think and answer. */
  readonly tags?: readonly string[];
  /** The prompt ends with the first opening tag. Default false. */
  readonly prefilled?: boolean;
}

export function tagCount({
  tags: names = ["think", "answer"],
  prefilled = false,
}: TagCountOptions = {}): Reward {
  const tags = tagPairs(names);
  return defineReward("tag_count", (completion): RewardDetail => {
    const text = prefilled ? tags[0] + completion : completion;
    const counts = tags.map((tag) => countOf(text, tag));
    const right = counts.filter((count) => count === 1).length;
    const report = tags.map((tag, i) => `${tag} ${counts[i]}`).join(", ");
    return { reward: right / tags.length, reason: report };
  });
}
