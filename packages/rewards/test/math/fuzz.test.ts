// Whatever the texts: the grader ends with a verdict and does not throw, and says of two numbers the same
// in both orders. The seed is printed by fast-check when a case fails.

import fc from "fast-check";
import { expect, it } from "vitest";
import { gradeMath } from "../../src/math/grade.ts";
import { verifyMath } from "../../src/math/verify.ts";
import { pairs } from "./pairs.ts";

const seed = 20_261_124;
const verdicts = ["correct", "wrong", "no-answer", "gold-unparsable", "timeout"];

const known = Object.values(pairs).flatMap(({ equal, different }) =>
  [...equal, ...different].flat(),
);
const pieces =
  "\\frac { } ( ) [ ] ^ _ \\sqrt 9 ^9 ! x | \\begin{pmatrix} \\end{pmatrix} \\\\ & $ \\text{ ∪ \\cup ∈ ² ½ " +
  ", and or \\sum_{k=1}^{n} \\pm = < % ° i e \\pi 10000000000 \\infty 0. \\overline{3} … ... \\log_ \\sin " +
  "\\{ \\} \\boxed{ </think> <think> <answer> #### k\\in\\mathbb{Z} : ; 2^{ \\binom f( ' \ud800 \udc00";

const soup = fc
  .array(fc.constantFrom(...pieces.split(" ")), { maxLength: 30 })
  .map((list) => list.join(" "));

/** A known answer with something put in, cut out or put behind. */
const mutated = fc
  .tuple(fc.constantFrom(...known), fc.nat(40), fc.nat(4), fc.constantFrom(...pieces.split(" ")))
  .map(([text, at, cut, piece]) => text.slice(0, at) + piece + text.slice(at + cut));

const texts = fc.oneof(
  soup,
  mutated,
  mutated,
  fc.string({ unit: "binary" }),
  fc.constantFrom(...known),
);

it("always ends with a verdict", () => {
  fc.assert(
    fc.property(texts, texts, (gold, answer) => {
      expect(verdicts).toContain(verifyMath(gold, answer).verdict);
      expect(verdicts).toContain(gradeMath(gold, answer).verdict);
    }),
    { seed, numRuns: 4000 },
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
