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

it("finds their answers without the ####, in a box or a sentence", () => {
  const frames: readonly ((answer: string) => string)[] = [
    (answer) => `<think>\nhm\n</think>\n\nSo it is \\boxed{${answer}}.`,
    (answer) => `<think>hm</think><answer>${answer}</answer>`,
    (answer) => `**Answer:** $${answer}$`,
    (answer) => `The answer is ${answer}.`,
  ];
  for (const frame of frames) {
    const missed = gsm8k.filter(
      ({ answer }) => gradeMath(answer, frame(answer)).verdict !== "correct",
    );
    expect(missed).toEqual([]);
  }
});

/** One thing changed in a whole number, written as it is in the data. */
const changes: { readonly [name: string]: (n: number) => number } = {
  "one more": (n) => n + 1,
  "one less": (n) => n - 1,
  "ten times": (n) => n * 10,
  "a tenth": (n) => n / 10,
  "the other sign": (n) => -n,
  "two digits swapped": (n) => Number(String(n).replace(/(\d)(\d)(?=\D*$)/, "$2$1")),
  "a half more": (n) => n + 0.5,
};

it.each(Object.entries(changes))("grades none as correct against %s", (_, change) => {
  const changed = gsm8k.flatMap(({ answer, solution }) => {
    const n = Number(answer.replaceAll(",", ""));
    return change(n) === n ? [] : [{ gold: String(change(n)), answer, solution }];
  });
  // Two digits cannot be swapped where there is one, or where they are the same.
  expect(changed.length).toBeGreaterThan(800);
  const fooled = changed.filter(
    ({ gold, answer, solution }) =>
      gradeMath(gold, solution).verdict === "correct" ||
      gradeMath(answer, solution.replace(/####.*$/, `#### ${gold}`)).verdict === "correct",
  );
  expect(fooled).toEqual([]);
});

it("grades the 500 solutions of MATH-500 as correct", () => {
  expect(math500).toHaveLength(500);
  const missed = math500.filter(
    ({ answer, solution }) => gradeMath(answer, solution).verdict !== "correct",
  );
  expect(missed).toEqual([]);
});

it("grades the 500 bare answers of MATH-500 as correct, in other clothes", () => {
  const dressed = (answer: string): string =>
    answer.replaceAll("\\frac", "\\dfrac").replace(/([{,+=])(?!\\!)(?!\d{3})/g, "$1 ");
  const missed = math500.filter(
    ({ answer }) =>
      verifyMath(answer, answer).verdict !== "correct" ||
      verifyMath(answer, dressed(answer)).verdict !== "correct" ||
      gradeMath(answer, `<think>hm</think>The answer is $${answer}$.`).verdict !== "correct",
  );
  expect(missed.map(({ answer }) => answer)).toEqual([]);
});

it("grades no solution of MATH-500 as correct against its answer with another last digit", () => {
  const fooled = math500.filter(({ answer, solution }) => {
    const gold = answer.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10));
    return gold !== answer && gradeMath(gold, solution).verdict === "correct";
  });
  expect(fooled.map(({ answer }) => answer)).toEqual([]);
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
