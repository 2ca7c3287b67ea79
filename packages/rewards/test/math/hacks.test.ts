// Every row of the tables in docs/hacks.md gets the verdict that it names.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { thinkAnswerFormat } from "../../src/format/think-answer.ts";
import { gradeMath, type GradeMathOptions } from "../../src/math/grade.ts";
import { mathReward } from "../../src/math/math-reward.ts";

const page = readFileSync(new URL("../../docs/hacks.md", import.meta.url), "utf8");
const optionsOf: { readonly [name: string]: GradeMathOptions } = {
  "": {},
  prefilledThink: { prefilledThink: true },
  unanimous: { boxPolicy: "unanimous", finders: ["boxed"] },
};

const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| ") && line.includes("`"))
  .map((line) => line.split(" | ").map((cell) => cell.replace(/^\|? *`?|`? *\|?$/g, "")))
  .map(([trick, gold, completion, options, verdict]) => {
    // An empty cell for the options takes its separator with it.
    return verdict === undefined
      ? ([trick!, gold!, completion!.replace(/` \|$/, ""), "", options!] as const)
      : ([trick!, gold!, completion!, options!, verdict] as const);
  });

it("has them all", () => {
  expect(rows.length).toBeGreaterThanOrEqual(45);
});

it.each(rows)("%s", async (_, gold, completion, options, verdict) => {
  expect(optionsOf).toHaveProperty([options]);
  expect(gradeMath(gold, completion, optionsOf[options]).verdict).toBe(verdict);
  const reward = await mathReward(optionsOf[options])(completion, { gold });
  expect(reward).toBe(verdict === "correct" ? 1 : 0);
});

it("leaves empty reasoning and repeated tags to the format", async () => {
  const format = thinkAnswerFormat();
  expect(await format("<think>2 + 3</think><answer>5</answer>", {})).toBe(1);
  expect(await format("<think></think><answer>5</answer>", {})).toBe(0);
  expect(await format("<think> </think><answer>5</answer>", {})).toBe(0);
  const prefilled = thinkAnswerFormat({ prefilledThink: true });
  expect(await prefilled("2 + 3</think><answer>5</answer>", {})).toBe(1);
  expect(await prefilled("</think><answer>5</answer>", {})).toBe(0);
  expect(await format("<think>a</think><think>b</think><answer>5</answer>", {})).toBe(0);
  expect(await format("<think>a</think><answer>4</answer><answer>5</answer>", {})).toBe(0);
  expect(await format("<think>a</think><answer>5</answer> and more", {})).toBe(0);
});
