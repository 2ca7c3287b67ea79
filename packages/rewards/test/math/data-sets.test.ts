// Real solutions against their own answers, against wrong ones, and every answer against every other.

import { expect, it } from "vitest";
import { gradeMath } from "../../src/math/grade.ts";
import { verifyMath } from "../../src/math/verify.ts";
import { readJsonl } from "./read-jsonl.ts";

const gsm8k = readJsonl<{ solution: string }>("gsm8k-answers.jsonl").map(({ solution }) => ({
  solution,
  answer: solution.split("####")[1]!.trim(),
}));
const math500 = readJsonl<{ answer: string; solution: string }>("math-500-answers.jsonl");

it("grades the 1,319 solutions of GSM8K as correct", () => {
  expect(gsm8k).toHaveLength(1319);
  const missed = gsm8k.filter(
    ({ answer, solution }) => gradeMath(answer, solution).verdict !== "correct",
  );
  expect(missed).toEqual([]);
});

it("grades none of them as correct against another number", () => {
  const perturb: readonly ((n: number) => number)[] = [(n) => n + 1, (n) => n * 10, (n) => -n - 1];
  for (const change of perturb) {
    const fooled = gsm8k.filter(({ answer, solution }) => {
      const n = Number(answer.replaceAll(",", ""));
      if (change(n) === n) return false;
      return gradeMath(String(change(n)), solution).verdict === "correct";
    });
    expect(fooled).toEqual([]);
  }
});

it("grades the 500 solutions of MATH-500 as correct", () => {
  expect(math500).toHaveLength(500);
  const missed = math500.filter(
    ({ answer, solution }) => gradeMath(answer, solution).verdict !== "correct",
  );
  expect(missed).toEqual([]);
});

/**
 * All pairs of different answers in MATH-500 that are equal: spellings of one number, a unit or a label
 * left out, a list in another order or in brackets.
 */
const equalAnswers: readonly (readonly [string, string])[] = [
  ["\\frac{1}{4}", "\\frac14"],
  ["2 \\sqrt{5}", "2\\sqrt{5}"],
  ["10,\\!080", "10080"],
  ["42", "52_8"],
  ["36", "40_9"],
  ["54", "204_5"],
  ["5", "x=5"],
  ["30", "30^\\circ"],
  ["36", "36^\\circ"],
  ["40_9", "36^\\circ"],
  ["90", "90^\\circ"],
  ["120", "120^\\circ"],
  ["\\pi", "180^\\circ"],
  ["15", "15\\mbox{ cm}^2"],
  ["36", "\\$36"],
  ["40_9", "\\$36"],
  ["1,-2", "-2,1"],
];

/** Equal only where the first is the gold answer: brackets around a list, a point without them. */
const equalOneWay: readonly (readonly [string, string])[] = [
  ["1,-2", "(-2,1)"],
  ["-2,1", "(-2,1)"],
  ["(-2,1)", "-2,1"],
];

it("takes no answer of MATH-500 for another one that is not equal", () => {
  const answers = [...new Set(math500.map(({ answer }) => answer))];
  const matches = answers.flatMap((gold) =>
    answers
      .filter((answer) => answer !== gold && verifyMath(gold, answer).verdict === "correct")
      .map((answer) => `${gold} | ${answer}`),
  );
  const expected = [
    ...equalAnswers.flatMap(([a, b]) => [`${a} | ${b}`, `${b} | ${a}`]),
    ...equalOneWay.map(([gold, answer]) => `${gold} | ${answer}`),
  ];
  expect(matches.toSorted()).toEqual(expected.toSorted());
});
