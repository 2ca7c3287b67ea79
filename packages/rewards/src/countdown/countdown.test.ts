import { expect, test } from "vitest";
import { countdown } from "./countdown.ts";
import { readArithmetic } from "./expression.ts";

const task = { numbers: [1, 2, 3, 7], target: 42 };
const answer = (text: string) => `<think>hm</think><answer>${text}</answer>`;

test.each([
  ["(1 + 2 + 3) * 7", "correct"],
  ["(1+2+3)×7 = 42", "correct"],
  ["(1 + 2 + 3) * 7 = 43", "wrong"],
  ["7 * 3 * 2 * 1", "correct"],
  ["7 * 3 * 2", "wrong"],
  ["7 * 3 * 2 * 1 * 1", "wrong"],
  ["42", "wrong"],
  ["12 + 3 * 7", "wrong"],
  ["7 * (3 * 2 / (1 - 1))", "wrong"],
  ["__import__('os')", "wrong"],
  ["7**3", "wrong"],
  ["", "wrong"],
  ["-(-7) * 3 * 2 / 1", "correct"],
])("%j is %s", (text, verdict) => {
  expect(countdown().detail(answer(text), task)).toMatchObject({
    verdict,
    reward: Number(verdict === "correct"),
  });
});

test("fractions are exact", () => {
  expect(countdown()(answer("8 / (3 - 8 / 3)"), { numbers: [3, 3, 8, 8], target: 24 })).toBe(1);
  expect(countdown()(answer("8/(3-8/3)"), { numbers: [3, 3, 8, 8], target: 24 })).toBe(1);
});

test("one answer, after the reasoning", () => {
  const right = "(1 + 2 + 3) * 7";
  expect(countdown()(`<think><answer>${right}</answer></think>`, task)).toBe(0);
  expect(countdown()(`${answer("1")}${answer(right)}`, task)).toBe(1); // the last reasoning ends before it
  expect(countdown()(`${answer(right)}<answer>1</answer>`, task)).toBe(0);
});

test("options and tasks that are none", () => {
  expect(countdown({ useAll: false })(answer("7 * 3 * 2"), task)).toBe(1);
  expect(countdown({ formatReward: 0.1 })(answer("1"), task)).toBe(0.1);
  expect(countdown()(answer("1"), {})).toBe(null);
  expect(countdown()(answer("1"), { numbers: ["1"], target: 1 })).toBe(null);
});

test("long, deep and huge expressions are refused", () => {
  expect(readArithmetic("(".repeat(900))).toBe("deeper than 100 brackets");
  expect(readArithmetic("1".repeat(2000))).toBe("longer than 1000 characters");
  expect(readArithmetic("9".repeat(31))).toBe("a number of 31 digits");
  expect(readArithmetic("1 2")).toBe("expected an operator, got 2");
  expect(readArithmetic("1 +")).toBe("expected a number, got the end");
});
