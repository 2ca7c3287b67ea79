// Agreement with Math-Verify 0.8 by its own expectations. The disagreements are listed, exactly, with their
// reasons, here and in docs/math-verify.md.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { extractAnswer, type FinderName } from "../../src/extract/extract-answer.ts";
import { gradeMath } from "../../src/math/grade.ts";
import { readJsonl } from "./read-jsonl.ts";

interface Case {
  readonly gold: string;
  readonly completion: string;
  readonly expected: boolean;
  readonly only?: "latex" | "expr";
  readonly precision?: number;
  readonly strict?: boolean;
  readonly allowSetRelation?: boolean;
}

const formulas: readonly FinderName[] = ["final-answer", "boxed", "formula"];

/** Its options in ours. */
function grade({ gold, completion, ...options }: Case): boolean {
  const answer = extractAnswer(gold, { finders: ["boxed", "formula"] })?.answer ?? gold;
  const { precision = 6 } = options;
  const { verdict } = gradeMath(answer, completion, {
    ...(options.only === "latex" && { finders: formulas }),
    ...(precision < 6 && { relativeTolerance: 10 ** -precision }),
    unsolved: options.allowSetRelation,
    renameVariables: options.strict === false,
  });
  return verdict === "correct";
}

/** Gold and completion of each case that we judge otherwise; docs/math-verify.md says why. */
const disagreements: readonly (readonly [string, string])[] = [
  ["$x = 11$", "$x = 5+5+1 = 7 =11$"],
  ["$x = 11$", "$x = 5+5+1 = 7 =11$"],
  ["$1 = \\zzz = x = 0$", "$0$"],
  ["$x \\in [-2,7]$", "$-2 \\\\le x \\\\le 7$"],
  ["$1 - \\frac{1}{\\mathrm{e}}$", "$1 + \\frac{1}{\\mathrm{e}}$"],
];

it("agrees with all but the listed cases, 98 % at least", () => {
  const cases = readJsonl<Case>("math-verify-cases.jsonl");
  expect(cases).toHaveLength(269);
  const found = cases.filter((row) => grade(row) !== row.expected);
  expect(found.map(({ gold, completion }) => [gold, completion])).toEqual(disagreements);
  expect(1 - found.length / cases.length).toBeGreaterThanOrEqual(0.98);
});

it("has every disagreement in its documentation", () => {
  const page = readFileSync(new URL("../../docs/math-verify.md", import.meta.url), "utf8");
  for (const [gold, completion] of disagreements) {
    expect(page).toContain(`| \`${gold}\` | \`${completion}\` |`);
  }
});
