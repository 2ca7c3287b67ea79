// Every hand-written pair has the verdict that an expert gives it. Those in test/data/pairs.txt were written
// after the grader, without looking at it, and then kept.

import { describe, expect, it } from "vitest";
import { gradeMath } from "../../src/math/grade.ts";
import { verifyMath } from "../../src/math/verify.ts";
import { pairs } from "./pairs.ts";
import { readPairs } from "./read-pairs.ts";

describe.each(Object.entries(pairs))("%s", (_, { equal, different }) => {
  it.each(equal)("%s = %s", (gold, answer) => {
    expect(verifyMath(gold, answer)).toMatchObject({ verdict: "correct" });
  });

  it.each(different)("%s ≠ %s", (gold, answer) => {
    expect(verifyMath(gold, answer).verdict).toMatch(/^(?:wrong|no-answer)$/);
  });
});

describe.each(readPairs())("in a file: $kind", ({ rows }) => {
  it.each(rows)("%s %s %s", (sign, gold, answer) => {
    const { verdict } = verifyMath(gold, answer);
    if (sign === "=") expect(verdict).toBe("correct");
    else expect(verdict).toMatch(/^(?:wrong|no-answer)$/);
    // The same in a box, after some reasoning.
    const completion = `<think>Is it 1234567?</think>\nThe answer is \\boxed{${answer}}.`;
    expect(gradeMath(gold, completion).verdict === "correct").toBe(sign === "=");
  });
});

describe("options", () => {
  it("accepts a rounded answer only when asked to", () => {
    expect(verifyMath("\\sqrt{2}", "1.41421").verdict).toBe("wrong");
    expect(verifyMath("\\sqrt{2}", "1.41421", { rounding: "either" }).verdict).toBe("correct");
    expect(verifyMath("\\pi", "3.14", { rounding: "either" }).verdict).toBe("correct");
    expect(verifyMath("\\pi", "3.15", { rounding: "either" }).verdict).toBe("wrong");
    expect(verifyMath("1.41421", "\\sqrt{2}", { rounding: "never" }).verdict).toBe("wrong");
  });

  it("takes tolerances relative to the gold answer", () => {
    const relativeTolerance = 0.01;
    expect(verifyMath("1000", "1009", { relativeTolerance }).verdict).toBe("correct");
    expect(verifyMath("1000", "1011", { relativeTolerance }).verdict).toBe("wrong");
    expect(verifyMath("1e-9", "2e-9", { relativeTolerance }).verdict).toBe("wrong");
    expect(verifyMath("(1,\\frac13)", "(1,0.334)", { relativeTolerance }).verdict).toBe("correct");
  });

  it("takes an unsolved inequality for its solutions only when asked to", () => {
    expect(verifyMath("(-2,2)", "x^2<4", { unsolved: true }).verdict).toBe("correct");
    expect(verifyMath("(-2,2)", "x^2<5", { unsolved: true }).verdict).toBe("wrong");
  });

  it("renames variables only when asked to", () => {
    expect(verifyMath("2x+1", "2t+1", { renameVariables: true }).verdict).toBe("correct");
    expect(verifyMath("2x+1", "2t+1").verdict).toBe("wrong");
    expect(verifyMath("x-y", "b-a", { renameVariables: true }).verdict).toBe("correct");
    expect(verifyMath("x+y^2", "a^2+a", { renameVariables: true }).verdict).toBe("wrong");
  });

  it("ends with the budget", () => {
    expect(verifyMath("\\sin x", "\\cos x", { steps: 10 }).verdict).toBe("timeout");
  });
});

it.each([undefined, null, 5, {}])("says what is no text: %s", (value) => {
  const text = value as unknown as string;
  expect(() => verifyMath("5", text)).toThrow("answer: expected a string, got");
  expect(() => verifyMath(text, "5")).toThrow("gold: expected a string, got");
  expect(() => gradeMath("5", text)).toThrow("completion: expected a string, got");
});

describe("gold answers that cannot be read", () => {
  it.each([
    "",
    "   ",
    "$$",
    "\\frac{1}{",
    "\\int_0^1 f",
    "1/0",
    "\\frac{1}{0}",
    "x + + )",
    "\\begin{pmatrix} \\end{pmatrix} 1",
  ])("%s", (gold) => {
    expect(verifyMath(gold, "5").verdict).toBe("gold-unparsable");
  });
});
