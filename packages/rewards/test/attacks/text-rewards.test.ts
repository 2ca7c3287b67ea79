// Every reward that reads text, on texts made to hang, exhaust or confuse it: each gives a number or null,
// and none throws. A regular expression that backtracks over one of these would run for hours.

import { expect, test } from "vitest";
import {
  boxedFormat,
  characterCount,
  codeFenceFormat,
  codeBlocks,
  combine,
  cosineLength,
  exactAnswer,
  extractAnswer,
  extractCode,
  kimiLength,
  mathReward,
  preference,
  reasoningSteps,
  repetitionPenalty,
  rewardBatch,
  softOverlong,
  splitReasoning,
  tagCount,
  taggedFormat,
  thinkAnswerFormat,
  type Reward,
  type RewardContext,
} from "../../src/index.ts";
import { countdown } from "../../src/countdown/countdown.ts";
import { languageConsistency } from "../../src/language/language-consistency.ts";
import * as openR1 from "../../src/compat/open-r1.ts";
import * as trl from "../../src/compat/trl.ts";

const length = characterCount;
const math = mathReward();
const rewards: readonly Reward[] = [
  math,
  exactAnswer(),
  thinkAnswerFormat(),
  thinkAnswerFormat({ partial: true, prefilledThink: true }),
  taggedFormat({ tags: ["think", "answer"] }),
  tagCount(),
  boxedFormat(),
  codeFenceFormat({ language: "python" }),
  languageConsistency({ language: "en" }),
  languageConsistency({ language: "zh" }),
  cosineLength({ accuracy: math, maxLength: 1000, length }),
  kimiLength({ accuracy: math, length }),
  softOverlong({ maxLength: 1000, buffer: 100, length }),
  repetitionPenalty(),
  reasoningSteps(),
  countdown(),
  preference({ score: (text) => text.length }),
  combine([{ reward: math }, { reward: tagCount(), gate: 0.5 }]),
  openR1.accuracyReward(),
  openR1.formatReward(),
  openR1.tagCountReward(),
  openR1.reasoningStepsReward(),
  openR1.lenReward(),
  openR1.cosineScaledReward(),
  openR1.repetitionPenaltyReward({ ngramSize: 3, maxPenalty: -1 }),
  openR1.softOverlongPunishment(),
  openR1.codeFormatReward(),
  trl.accuracyReward(),
  trl.reasoningAccuracyReward(),
  trl.thinkFormatReward(),
  trl.cosineScaledReward({ maxLen: 100 }),
  trl.repetitionPenaltyReward(),
  trl.softOverlongPunishment({ maxCompletionLen: 100, softPunishCache: 10 }),
];

const size = 200_000;
const repeated = (part: string): string => part.repeat(Math.ceil(size / part.length));
const texts: readonly (readonly [name: string, text: string])[] = [
  ["nothing", ""],
  ["spaces", repeated(" ")],
  ["line ends", repeated("\n")],
  ["carriage returns", repeated("\r\n")],
  ["one letter", repeated("a")],
  ["one letter and an end", `${repeated("a")}!`],
  ["words", repeated("so so ")],
  ["different words", Array.from({ length: 40_000 }, (_, i) => `w${i}`).join(" ")],
  ["digits", repeated("9")],
  ["numbers", repeated("1 ")],
  ["a tower of powers", `\\boxed{${repeated("9^").slice(0, 5000)}9}`],
  ["open braces", repeated("{")],
  ["closed braces", repeated("}")],
  ["nested boxes", repeated("\\boxed{")],
  ["boxes", repeated("\\boxed{5}")],
  ["dollar signs", repeated("$")],
  ["backslashes", repeated("\\")],
  ["opened tags", repeated("<think>")],
  ["closed tags", repeated("</think>")],
  ["pairs of tags", repeated("<think>\n</think>\n<answer>\n</answer>\n")],
  ["half a tag", repeated("<thin")],
  ["angle brackets", repeated("<")],
  ["answers", repeated("<answer>5</answer>")],
  ["fences", repeated("```")],
  ["opened fences", repeated("```python\n")],
  ["tildes and ticks", repeated("~~~\n```\n")],
  ["steps", repeated("Step 1: First, 1. \n- ")],
  ["Chinese without spaces", repeated("这个")],
  ["all scripts", repeated("aあ中한жأक")],
  ["lone surrogates", repeated("\ud800\udc00\ud800 \udfff")],
  ["combining marks", `a${repeated("\u0301")}`],
  ["joined emoji", repeated("👩‍👩‍👧‍👦")],
  ["marks of direction", repeated("\u202e\u2066")],
  ["nulls", repeated("\0")],
  ["prototypes", repeated("__proto__ constructor toString ")],
  ["replacement patterns", repeated("$& $` $' $1 ")],
  ["sums", repeated("1+")],
  ["brackets", repeated("(")],
];

const contexts = {
  gold: "5",
  target: 5,
  numbers: [1, 4],
  tokenIds: Array.from({ length: 2000 }, (_, i) => i % 7),
  language: "en",
};

test.each(texts)("%s", async (_, text) => {
  const completions = [text, `<think>${text}</think><answer>5</answer>`, `${text}\\boxed{5}`];
  for (const reward of rewards) {
    const details = await rewardBatch(reward, completions, contexts, { groupSize: 3 });
    for (const detail of details) {
      expect(detail.error, `${reward.rewardName}: ${detail.reason}`).toBe(undefined);
      expect(detail.reward === null || Number.isFinite(detail.reward), reward.rewardName).toBe(
        true,
      );
    }
  }
  for (const completion of completions) {
    expect(completion.endsWith(splitReasoning(completion).visible)).toBe(true);
    expect(() => codeBlocks(completion)).not.toThrow();
    expect(() => extractCode(completion)).not.toThrow();
    const found = extractAnswer(completion);
    if (found) expect(found.end).toBeGreaterThanOrEqual(found.start);
  }
});

test("what is polluted stays out", () => {
  expect(({} as { polluted?: number }).polluted).toBe(undefined);
  const context = JSON.parse('{"__proto__":{"gold":"5"}}') as RewardContext;
  expect(math("\\boxed{5}", context)).toBe(null);
});
