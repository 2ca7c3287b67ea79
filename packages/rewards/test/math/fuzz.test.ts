// Whatever the texts: the grader ends with a verdict and does not throw, and says of two numbers the same
// in both orders. The seed is printed by fast-check when a case fails. tools/fuzz.ts does the same for longer.

import fc from "fast-check";
import { expect, it } from "vitest";
import { gradeMath } from "../../src/math/grade.ts";
import { verifyMath } from "../../src/math/verify.ts";
import { texts } from "./random-texts.ts";

const seed = 20_261_124;
const verdicts = ["correct", "wrong", "no-answer", "gold-unparsable", "timeout"];

it("always ends with a verdict", () => {
  fc.assert(
    fc.property(texts, texts, (gold, answer) => {
      for (const { verdict, reason } of [verifyMath(gold, answer), gradeMath(gold, answer)]) {
        expect(verdicts).toContain(verdict);
        expect(reason).not.toMatch(/^internal error/);
      }
    }),
    { seed, numRuns: 1500 },
  );
});

const wholes = fc.integer({ min: -999, max: 999 });
const numbers = fc.oneof(
  wholes.map(String),
  fc.tuple(wholes, fc.integer({ min: 1, max: 99 })).map(([n, d]) => `\\frac{${n}}{${d}}`),
  fc.tuple(wholes, fc.integer({ min: 2, max: 99 })).map(([n, d]) => `${n}\\sqrt{${d}}`),
  wholes.map((n) => `${n}\\pi`),
);

it("judges two numbers the same in both orders", () => {
  fc.assert(
    fc.property(numbers, numbers, (a, b) => {
      expect(verifyMath(a, b).verdict).toBe(verifyMath(b, a).verdict);
      expect(verifyMath(a, a).verdict).toBe("correct");
    }),
    { seed, numRuns: 500 },
  );
});

it("tells numbers apart", () => {
  fc.assert(
    fc.property(wholes, wholes, fc.integer({ min: 1, max: 99 }), (a, b, d) => {
      const verdict = verifyMath(`\\frac{${a}}{${d}}`, `${b}/${d}`).verdict;
      expect(verdict).toBe(a === b ? "correct" : "wrong");
    }),
    { seed, numRuns: 500 },
  );
});
