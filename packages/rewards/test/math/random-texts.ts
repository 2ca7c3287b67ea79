// Random texts for the graders: pieces of LaTeX thrown together, known answers with something put in or cut
// out, completions with tags in wrong places, one piece again and again, and any Unicode at all.

import fc from "fast-check";
import { pairs } from "./pairs.ts";
import { readPairs } from "./read-pairs.ts";

const known: readonly string[] = [
  ...Object.values(pairs).flatMap(({ equal, different }) => [...equal, ...different].flat()),
  ...readPairs().flatMap(({ rows }) => rows.flatMap(([, gold, answer]) => [gold, answer])),
];
const pieces: readonly string[] = (
  "\\frac { } ( ) [ ] ^ _ \\sqrt 9 ^9 ! x | \\begin{pmatrix} \\end{pmatrix} \\\\ & $ \\text{ ∪ \\cup ∈ ² ½ " +
  ", and or \\sum_{k=1}^{n} \\pm = < % ° i e \\pi 10000000000 \\infty 0. \\overline{3} … ... \\log_ \\sin " +
  "\\{ \\} \\boxed{ </think> <think> <answer> #### k\\in\\mathbb{Z} : ; 2^{ \\binom f( ' \ud800 \udc00 m s"
).split(" ");

const piece = fc.constantFrom(...pieces);
const soup = fc.array(piece, { maxLength: 30 }).map((list) => list.join(" "));

/** A known answer with something put in, cut out or put behind. */
const mutated = fc
  .tuple(fc.constantFrom(...known), fc.nat(40), fc.nat(4), piece)
  .map(([text, at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut));

const repeated = fc
  .tuple(fc.oneof(piece, fc.constantFrom(" ", "\n", "a ")), fc.nat(3000))
  .map(([part, times]) => part.repeat(times));

const marks =
  "<think>|</think>|<answer>|</answer>|\\boxed{|}|\n|```|The answer is |therefore |#### |$|\\[|\\]|**|final answer ";
const completion = fc
  .array(fc.oneof(fc.constantFrom(...marks.split("|")), fc.constantFrom(...known)), {
    maxLength: 12,
  })
  .map((list) => list.join(""));

export const texts: fc.Arbitrary<string> = fc.oneof(
  soup,
  mutated,
  mutated,
  completion,
  repeated,
  fc.string({ unit: "binary" }),
  fc.constantFrom(...known),
);
