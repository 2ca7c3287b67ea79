// Rewards for the tests of pools, good and bad.

import { defineReward, type Reward, type RewardDetail } from "../../src/reward.ts";

export default defineReward("length", (completion) => ({ reward: completion.length }));

/** Does what the completion says. */
export const obedient: Reward = defineReward("obedient", (completion): RewardDetail => {
  if (completion === "hang") for (;;);
  if (completion === "regex") return { reward: Number(/^(a|a)+$/.test(`${"a".repeat(60)}b`)) };
  if (completion === "exit") process.exit(0);
  if (completion === "throw") throw new Error("as told");
  if (completion === "secret function") return { reward: 0, secret: () => 1 };
  if (completion === "memory") for (const all: number[][] = []; ;) all.push(Array(1e6).fill(0.5));
  return { reward: completion.length };
});

export const never: Reward = defineReward("never", () => new Promise<never>(() => {}));

/** Compares the completions of a group. */
export const rank: Reward = defineReward(
  "rank",
  () => ({ reward: null }),
  (completions) => {
    if (completions.includes("hang")) for (;;);
    const longest = Math.max(...completions.map(({ length }) => length));
    return completions.map(({ length }) => ({ reward: Number(length === longest) }));
  },
);

export function scaled({ by }: { readonly by: number }): Reward {
  return defineReward("scaled", (completion) => ({ reward: by * completion.length }));
}

export const nothing = 5;
