import { expect, test } from "vitest";
import { exactAnswer, lastAnswer, thinkAnswerFormat } from "./index.ts";

test("the answer is the last one after the reasoning", () => {
  expect(lastAnswer("<think>a</think><answer>1</answer>")).toBe("1");
  expect(lastAnswer("<think><answer>1</answer></think>")).toBe(undefined);
  expect(lastAnswer("<answer>1</answer><answer>2</answer>")).toBe("2");
  expect(lastAnswer("<answer>1")).toBe(undefined);
  expect(lastAnswer("no tags")).toBe(undefined);
});

test.each([
  ["<think>x</think><answer> 42 </answer>", 1, "correct"],
  ["<think>x</think><answer>41</answer>", 0, "wrong"],
  ["<think>42</think>42", 0, "no-answer"],
  ["<think><answer>42</answer>", 1, "correct"],
  ["", 0, "no-answer"],
])("accuracy of %j is %d", (completion, reward, verdict) => {
  expect(exactAnswer().detail(completion, { gold: "42" })).toMatchObject({ reward, verdict });
  expect(exactAnswer()(completion, { gold: "42" })).toBe(reward);
});

test("without a gold answer the reward does not apply", () => {
  expect(exactAnswer()("<answer>1</answer>", {})).toBe(null);
});

test.each([
  ["<think>a</think><answer>b</answer>", 1],
  ["\n<think>a</think>\n<answer>b</answer>\n", 1],
  ["<think></think><answer>b</answer>", 0],
  ["<think>a</think><answer></answer>", 0],
  ["<think>a</think>b<answer>c</answer>", 0],
  ["x<think>a</think><answer>b</answer>", 0],
  ["<think>a</think><answer>b</answer>x", 0],
  ["<think>a</think><answer>b</answer></answer>", 0],
  ["<think><think>a</think><answer>b</answer>", 0],
  ["<answer>b</answer><think>a</think>", 0],
  ["<think>a<answer>b</answer></think>", 0],
  ["", 0],
])("format of %j is %d", (completion, reward) => {
  expect(thinkAnswerFormat()(completion, {})).toBe(reward);
});

test("options: a pre-filled think, partial credit, empty reasoning", () => {
  expect(thinkAnswerFormat({ prefilledThink: true })("a</think><answer>b</answer>", {})).toBe(1);
  const partial = thinkAnswerFormat({ partial: true });
  expect(partial("<think>a</think>b", {})).toBe(0.5);
  expect(partial("<think>a</think><answer>b</answer></answer>", {})).toBe(0);
  expect(partial("<think>a</think><answer>b</answer>", {})).toBe(1);
  expect(
    thinkAnswerFormat({ allowEmptyThink: true })("<think></think><answer>b</answer>", {}),
  ).toBe(1);
});

test("a megabyte of tags is judged at once", () => {
  expect(thinkAnswerFormat()("<think>".repeat(150_000), {})).toBe(0);
  expect(thinkAnswerFormat()("<".repeat(1_000_000), {})).toBe(0);
});
