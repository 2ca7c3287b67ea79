import { expect, test } from "vitest";
import { reasoningSteps } from "./reasoning-steps.ts";
import { repetitionPenalty } from "./repetition.ts";

test.each([
  ["this this this this this", 2, -0.75],
  ["this is a this is a test", 2, -1 / 3],
  ["A B C A B C", 3, -0.25],
  ["这个这个这个这个这个", 2, -7 / 9],
  ["one two", 3, 0],
  ["", 3, 0],
])("repetition of %j in %d-grams", (text, ngramSize, expected) => {
  expect(repetitionPenalty({ ngramSize })(text, {})).toBeCloseTo(expected, 6);
});

test("tokens instead of words", () => {
  const reward = repetitionPenalty({ ngramSize: 2, unit: "tokens", maxPenalty: -2 });
  expect(reward("", { tokenIds: [1, 2, 1, 2, 1, 2] })).toBeCloseTo(-1.2);
  expect(() => reward("", {})).toThrow('use unit "words"');
  expect(() => repetitionPenalty({ maxPenalty: 1 })).toThrow("at most 0");
});

test.each([
  ["Step 1: add\nStep 2: double\nStep 3: halve", 1],
  ["1. add\n2. double\n3. halve", 1],
  ["First, we add.\nFinally, we halve.", 2 / 3],
  ["First, First, First,", 1 / 3],
  ["Step 1: a\nStep 1: a\nStep 1: a", 1 / 3],
  ["1.\n2.\n3.", 0],
  ["- add\n- add\n- halve", 2 / 3],
  ["plain text", 0],
])("steps of %j", (text, expected) => {
  expect(reasoningSteps()(text, {})).toBeCloseTo(expected, 12);
});
