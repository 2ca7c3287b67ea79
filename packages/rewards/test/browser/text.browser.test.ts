// Mathematics, format, code fences, language and length in a browser, and pools of Web Workers.

import { afterAll, expect, test } from "vitest";
import gsm8k from "../data/gsm8k-answers.jsonl?raw";
import {
  boxedFormat,
  codeFenceFormat,
  combine,
  cosineLength,
  gradeMath,
  mathReward,
  rewardBatch,
  tagCount,
  thinkAnswerFormat,
  verifyMath,
} from "../../src/index.ts";
import { languageConsistency } from "../../src/language/language-consistency.ts";
import { mathPool, rewardPool, type PooledReward } from "../../src/pool/index.ts";

const pools: PooledReward[] = [];
const kept = <P extends PooledReward>(pool: P): P => {
  pools.push(pool);
  return pool;
};
afterAll(() => pools.forEach((pool) => pool.close()));

test.each([
  ["\\frac{1}{2}", "0.5", "correct"],
  ["\\sin^2 x+\\cos^2 x", "1", "correct"],
  ["2^{-99}", "2^{-98}", "wrong"],
  ["x \\in [1, 2)", "1 \\le x < 2", "correct"],
  [
    "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}",
    "\\begin{bmatrix}1&2\\\\3&4\\end{bmatrix}",
    "correct",
  ],
  ["5 \\text{ km}", "5 \\text{ m}", "wrong"],
  ["5", "9^9^9^9", "timeout"],
  ["5", "\ud800", "wrong"],
  ["\\frac{", "5", "gold-unparsable"],
])("gold %s, answer %s: %s", (gold, answer, verdict) => {
  expect(verifyMath(gold, answer).verdict).toBe(verdict);
});

test("five thousand braces end in the budget", () => {
  expect(verifyMath("5", "{".repeat(5000)).verdict).toBe("timeout");
});

test("the 1,319 solutions of GSM8K", () => {
  const rows = gsm8k
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { solution: string });
  const correct = rows.filter(({ solution }) => {
    const gold = solution.split("####")[1]!.trim();
    return gradeMath(gold, solution).verdict === "correct";
  });
  expect(correct).toHaveLength(1319);
});

test("format, fences, language, length, all together", () => {
  const completion =
    "<think>We add 47 and 86.</think><answer>\\boxed{133}</answer>\n```js\nf();\n```";
  expect(thinkAnswerFormat()("<think>a</think><answer>b</answer>", {})).toBe(1);
  expect(thinkAnswerFormat()("<think>a</think>b", {})).toBe(0);
  expect(tagCount()(completion, {})).toBe(1);
  expect(boxedFormat()(completion, {})).toBe(1);
  expect(codeFenceFormat({ language: "javascript" })(completion, {})).toBe(1);
  expect(languageConsistency({ language: "en" })("<think>We add.</think>", {})).toBe(1);
  expect(languageConsistency({ language: "en" })("<think>我们相加。</think>", {})).toBe(0);
  const all = combine([
    { reward: mathReward() },
    { reward: tagCount(), weight: 0.5 },
    { reward: cosineLength({ accuracy: mathReward(), maxLength: 1000 }), weight: 0 },
  ]);
  expect(all(completion, { gold: "133", tokenIds: [1, 2, 3] })).toBe(1.5);
});

test("a pool of Web Workers judges mathematics, and ends a pair that hangs", async () => {
  const pool = kept(mathPool({ workers: 2, timeoutMs: 1000, steps: 1e12 }));
  await pool.warm();
  const sum = "\\sum_{k=1}^{1000}\\sum_{j=1}^{1000}\\sum_{i=1}^{1000} ijk";
  const completions = ["\\boxed{5}", `\\boxed{${sum}}`, "\\boxed{6}", "\\boxed{10/2}"];
  const details = await rewardBatch(pool, completions, { gold: "5" });
  expect(details.map(({ verdict }) => verdict)).toEqual(["correct", "timeout", "wrong", "correct"]);
  expect(details[1]!.reason).toBe("over 1000 ms, ended from outside");
});

test("a pool of a module's reward", async () => {
  const module = new URL("../pool/rewards.ts", import.meta.url);
  const pool = kept(
    await rewardPool(module, { exportName: "obedient", workers: 2, timeoutMs: 1000 }),
  );
  const completions = ["a", "hang", "bb", "regex", "throw", "ccc"];
  const details = await rewardBatch(pool, completions, {});
  expect(details.map(({ reward }) => reward)).toEqual([1, 0, 2, 0, null, 3]);
});
