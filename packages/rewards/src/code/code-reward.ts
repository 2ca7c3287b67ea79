// Accuracy of code: the last code block after the reasoning is run against the tests of the task, in a
// sandbox (DeepSeek-R1 §2.2.2: "a compiler can be utilized to generate feedback based on predefined test cases").

import { extractCode, type ExtractCodeOptions } from "../format/code-fence.ts";
import { defineReward, type Reward, type RewardContext, type RewardDetail } from "../reward.ts";
import type { CodeTest } from "./job.ts";
import type { RunOptions, Sandbox, TestResult } from "./sandbox.ts";

export interface CodeRewardOptions
  extends RunOptions, Pick<ExtractCodeOptions, "prefilledThink" | "tag" | "allowUnclosed"> {
  readonly sandbox: Sandbox;
  /** 1 only if every test passes (default), or the share of tests that pass. */
  readonly score?: "all" | "fraction";
  /** The tests of a task. Default `context.tests`. */
  readonly tests?: (context: RewardContext) => readonly CodeTest[] | undefined;
  /** The program to run, from the code and the context. Default the code alone. */
  readonly program?: (code: string, context: RewardContext) => string;
}

/** Rewards completions whose code passes the tests. Asynchronous. */
export function codeReward({
  sandbox,
  score = "all",
  tests: testsOf = ({ tests }) => (isTests(tests) ? tests : undefined),
  program = (code) => code,
  prefilledThink,
  tag,
  allowUnclosed,
  ...run
}: CodeRewardOptions): Reward {
  const extraction = { language: sandbox.language, prefilledThink, tag, allowUnclosed };
  return defineReward("code", async (completion, context): Promise<RewardDetail> => {
    const tests = testsOf(context);
    if (tests === undefined || tests.length === 0) {
      return {
        reward: null,
        verdict: "gold-unparsable",
        reason: "expected context.tests, a list of call, program or assert tests",
      };
    }
    const code = extractCode(completion, extraction);
    if (code === undefined || code.trim() === "") {
      return {
        reward: 0,
        verdict: "no-answer",
        reason: `no closed ${sandbox.language} code block after the reasoning`,
      };
    }
    const results = await sandbox.run(program(code, context), tests, run);
    return { ...judge(results, score), extracted: code, tests: results };
  });
}

function judge(results: readonly TestResult[], score: "all" | "fraction"): RewardDetail {
  const passed = results.filter((result) => result.passed).length;
  const all = passed === results.length;
  const first = results.findIndex((result) => !result.passed);
  const ran = `${passed} of ${results.length} tests pass`;
  const failed = results[first];
  const slow = !all && results.some((result) => result.timedOut);
  return {
    reward: score === "fraction" ? passed / results.length : Number(all),
    verdict: all ? "correct" : slow ? "timeout" : "wrong",
    reason: failed ? `${ran}; test ${first + 1}: ${failed.reason ?? "failed"}` : ran,
  };
}

function isTests(value: unknown): value is readonly CodeTest[] {
  const kinds = ["call", "program", "assert"];
  return (
    Array.isArray(value) &&
    value.every(
      (test) =>
        typeof test === "object" && test !== null && kinds.includes((test as CodeTest).kind),
    )
  );
}
