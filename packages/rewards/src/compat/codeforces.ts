// open-r1's `cf_code` for what a sandbox can run: rows in Python that need no checker program. Source:
// src/open_r1/rewards.py and utils/competitive_programming/cf_scoring.py (commit 1416fa0, Apache-2.0), where a
// Piston server runs the programs. Its reward for code that does not compile, -0.1, is for C++.

import type { Sandbox } from "../code/sandbox.ts";
import { defineReward, type Reward, type RewardDetail } from "../reward.ts";
import { lastFence } from "./regular.ts";

export interface CfCodeOptions {
  readonly sandbox: Sandbox;
  /**
   * "pass_fail": 1 if all tests pass; "partial": the share of them; "weighted_sum" (default): the first and a
   * tenth of the second, so that 1.1 is the most.
   */
  readonly scoringMode?: "pass_fail" | "partial" | "weighted_sum";
  /** Where a completion holds no code of the row's language. Default -1. */
  readonly noSubmissionReward?: number;
}

/**
 * `cf_code`: `context.official_tests` ({ input, output }) run on the last fence of `context.language`, with
 * `context.time_limit` in seconds. Null without tests, and for rows in another language than Python or with a
 * `generated_checker`.
 */
export function cfCodeReward({
  sandbox,
  scoringMode = "weighted_sum",
  noSubmissionReward = -1,
}: CfCodeOptions): Reward {
  return defineReward("cf_code_reward", async (completion, context): Promise<RewardDetail> => {
    const tests = (context["official_tests"] ?? []) as readonly {
      readonly input: string;
      readonly output: string;
    }[];
    const skip = (reason: string): RewardDetail => ({ reward: null, reason });
    if (context["language"] !== "python") return skip("not a row in Python");
    if (tests.length === 0) return skip("no tests");
    if (context["generated_checker"]) return skip("needs a checker program");
    const code = lastFence(completion, "python");
    if (code === "") return { reward: noSubmissionReward, verdict: "no-answer", reason: "no code" };
    const seconds = typeof context["time_limit"] === "number" ? context["time_limit"] : 5;
    const results = await sandbox.run(
      code,
      tests.map(({ input, output }) => ({ kind: "program", input, output }) as const),
      { timeoutMs: seconds * 1000 },
    );
    const share = results.filter(({ passed }) => passed).length / tests.length;
    const all = Number(share === 1);
    const rewards = { pass_fail: all, partial: share, weighted_sum: all + 0.1 * share };
    return { reward: rewards[scoringMode], extracted: code, tests: results };
  });
}
