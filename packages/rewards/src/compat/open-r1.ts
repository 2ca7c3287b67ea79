// The rewards of open-r1 by their names there, with their quirks, to compare runs or to continue one. New
// runs are better served by ours, where the holes are closed. Source: github.com/huggingface/open-r1
// (commit 1416fa0, src/open_r1/rewards.py, Apache-2.0). Not here: ioi_code,
// whose programs are in C++.

import type { Sandbox } from "../code/sandbox.ts";
import { cosineBetween } from "../length/cosine.ts";
import { lengthAdvantages } from "../length/kimi.ts";
import { characterCount, tokenCount } from "../length/measure.ts";
import { softOverlongValue } from "../length/soft-overlong.ts";
import { defineReward, type Reward, type RewardContext, type RewardDetail } from "../reward.ts";
import { countOf } from "../format/tag-scanner.ts";
import { judgeLikeMathVerify } from "./math-verify.ts";
import { lastFence, matchesInOrder, pythonSplit, repeatedNgrams } from "./regular.ts";

export { cfCodeReward, type CfCodeOptions } from "./codeforces.ts";

const noGold = {
  reward: null,
  verdict: "gold-unparsable",
  reason: "no gold answer to read",
} as const;

/** `accuracy`: a LaTeX answer equal to `context.gold`, anywhere in the completion. */
export function accuracyReward(): Reward {
  return defineReward("accuracy_reward", (completion, { gold }): RewardDetail => {
    if (gold === undefined) return noGold;
    const { correct, extracted } = judgeLikeMathVerify(gold, completion);
    if (correct === undefined) return noGold;
    return { reward: Number(correct), verdict: verdictOf(correct, extracted), extracted };
  });
}

function verdictOf(correct: boolean, extracted: string | undefined): RewardDetail["verdict"] {
  return correct ? "correct" : extracted === undefined ? "no-answer" : "wrong";
}

/** `format`: think and answer with their line breaks. What stands behind the answer's line is not seen. */
export function formatReward(): Reward {
  const parts = ["<think>\n", "\n</think>\n<answer>\n", "\n</answer>"];
  return defineReward("format_reward", (completion) => ({
    reward: Number(matchesInOrder(completion, parts)),
  }));
}

/** `tag_count`: a quarter for each tag that stands once with its line breaks. */
export function tagCountReward(): Reward {
  const tags = ["<think>\n", "\n</think>\n", "\n<answer>\n", "\n</answer>"];
  return defineReward("tag_count_reward", (completion) => ({
    reward: tags.filter((tag) => countOf(completion, tag) === 1).length / 4,
  }));
}

/** `reasoning_steps`: marks of steps, whether they say anything or not; numbers on the first line only. */
export function reasoningStepsReward(): Reward {
  const pattern = /Step \p{Nd}+:|\n-|\n\*|First,|Second,|Next,|Finally,/gu;
  return defineReward("reasoning_steps_reward", (completion) => {
    const first = /^\p{Nd}+\./u.test(completion) ? 1 : 0;
    const count = first + (completion.match(pattern)?.length ?? 0);
    return { reward: Math.min(1, count / 3), reason: `${count} marks` };
  });
}

/** As both length rewards judge: the sides swapped, an unreadable gold answer correct. */
function isCorrect(completion: string, { gold }: RewardContext): boolean | undefined {
  return judgeLikeMathVerify(gold ?? "", completion, { goldInLatex: true }).correct;
}

/** `length`: Kimi's, in characters, over the group. */
export function lenReward(): Reward {
  return defineReward(
    "len_reward",
    () => ({ reward: null, reason: "needs the group: use rewardBatch" }),
    (completions, contexts) => {
      const lambdas = lengthAdvantages(completions.map((text) => characterCount(text, {})));
      return completions.map((text, i) => {
        const lambda = lambdas[i]!;
        const right = isCorrect(text, contexts[i]!) ?? true;
        return { reward: right ? lambda : Math.min(0, lambda) };
      });
    },
  );
}

export interface CosineScaledOptions {
  readonly minValueWrong?: number;
  readonly maxValueWrong?: number;
  readonly minValueCorrect?: number;
  readonly maxValueCorrect?: number;
  /** In characters. */
  readonly maxLen?: number;
}

/**
 * `cosine`: in characters and not clamped; 1 where the gold answer cannot be read. The defaults are the
 * function's; the command line has minValueWrong 0 and maxValueWrong -0.5.
 */
export function cosineScaledReward({
  minValueWrong = -1,
  maxValueWrong = -0.5,
  minValueCorrect = 0.5,
  maxValueCorrect = 1,
  maxLen = 1000,
}: CosineScaledOptions = {}): Reward {
  return defineReward("cosine_scaled_reward", (completion, context) => {
    const right = isCorrect(completion, context);
    if (right === undefined) return { reward: 1, reason: "the gold answer cannot be read" };
    const progress = characterCount(completion, context) / maxLen;
    const [short, long] = right
      ? [maxValueCorrect, minValueCorrect]
      : [minValueWrong, maxValueWrong];
    return { reward: cosineBetween(short, long, progress) };
  });
}

export interface RepetitionPenaltyOptions {
  readonly ngramSize: number;
  readonly maxPenalty: number;
}

/** `repetition_penalty` in English: words are what stands between spaces. */
export function repetitionPenaltyReward({
  ngramSize,
  maxPenalty,
}: RepetitionPenaltyOptions): Reward {
  if (maxPenalty > 0) throw new RangeError(`max_penalty ${maxPenalty} should not be positive`);
  return defineReward("repetition_penalty_reward", (completion) => {
    const share = repeatedNgrams(pythonSplit(completion.toLowerCase()), ngramSize);
    return { reward: share ? share * maxPenalty : 0 };
  });
}

export interface SoftOverlongPunishmentOptions {
  readonly maxCompletionLen: number;
  readonly softPunishCache: number;
}

/** `soft_overlong_punishment`, in tokens. The command line's defaults are 16384 and 4096. */
export function softOverlongPunishment({
  maxCompletionLen = 16_384,
  softPunishCache = 4096,
}: Partial<SoftOverlongPunishmentOptions> = {}): Reward {
  return defineReward("soft_overlong_punishment_reward", (completion, context) => ({
    reward: softOverlongValue(tokenCount(completion, context), maxCompletionLen, softPunishCache),
  }));
}

/** `code_format`: `format` with a fence of the language, or of `context.language`, somewhere in the answer. */
export function codeFormatReward({
  language = "python",
}: { readonly language?: string } = {}): Reward {
  return defineReward("code_format_reward", (completion, context) => {
    const name = typeof context["language"] === "string" ? context["language"] : language;
    const parts = ["<think>\n", "\n</think>\n<answer>\n", `\`\`\`${name}`, "```", "\n</answer>"];
    return { reward: Number(matchesInOrder(completion, parts)) };
  });
}

export interface CodeOptions {
  /** Runs the programs; open-r1 has a server for that. */
  readonly sandbox: Sandbox;
}

interface TestCase {
  readonly input: string;
  readonly output: string;
}

/**
 * `code`: the share of `context.verification_info.test_cases` whose output begins as it should; lines are
 * compared up to the shorter of the two, so that the right beginning of an output is enough.
 */
export function codeReward({ sandbox }: CodeOptions): Reward {
  return defineReward("code_reward", async (completion, context): Promise<RewardDetail> => {
    const info = context["verification_info"] as
      | { readonly test_cases?: readonly TestCase[] }
      | undefined;
    const cases = info?.test_cases;
    if (cases === undefined || cases.length === 0) return noGold;
    const code = lastFence(completion, "python");
    const tests = cases.map(({ input, output }) => ({ kind: "program", input, output }) as const);
    const compareOutput = (expected: string, printed: string): boolean =>
      startsAlike(printed, expected);
    const results = await sandbox.run(code, tests, { timeoutMs: 5000, compareOutput });
    const passed = results.filter((result) => result.passed).length;
    return { reward: passed / cases.length, extracted: code, tests: results };
  });
}

function startsAlike(printed: string, expected: string): boolean {
  const [left, right] = [printed.trim().split("\n"), expected.split("\n")];
  const lines = Math.min(left.length, right.length);
  return left.slice(0, lines).every((line, i) => line.trim() === right[i]!.trim());
}

/** `binary_code`: 1 if `code` gives more than 0.99. */
export function binaryCodeReward(options: CodeOptions): Reward {
  const code = codeReward(options);
  return defineReward("binary_code_reward", async (completion, context) => {
    const detail = await code.detail(completion, context);
    return detail.reward === null ? detail : { ...detail, reward: Number(detail.reward > 0.99) };
  });
}
