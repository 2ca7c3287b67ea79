// The verdict on a bare answer. Never throws, always ends: what costs too much is a "timeout", what cannot
// be read is "wrong", and a gold answer that cannot be read is nobody's fault.

import type { Verdict } from "../reward.ts";
import type { Node } from "./ast.ts";
import { Budget, BudgetError } from "./budget.ts";
import { clean, maxCharacters } from "./clean.ts";
import { matchAnswer } from "./compare.ts";
import { renameVariables } from "./labels.ts";
import type { MatchOptions, Rounding } from "./number-match.ts";
import { answersInProse, readings } from "./readings.ts";
import { choiceOf, choiceWithValue, isChoice, isProse, sameWords, wordsOf } from "./words.ts";

export interface MathOptions {
  /**
   * When a rounded decimal counts as an exact number: "gold" where the gold answer is the rounded one (the
   * default), "either" also where the answer is rounded to three digits or more, "never" not at all.
   */
  readonly rounding?: Rounding;
  /** The largest relative difference of two numbers that counts as equal. Default 0. */
  readonly relativeTolerance?: number;
  /**
   * Whether an inequality that is not solved, such as x² < 4, may stand for the set of its solutions.
   * Default false: echoing the question would pay.
   */
  readonly unsolved?: boolean;
  /** Whether variables may have other names than in the gold answer: 2t for 2x. Default false. */
  readonly renameVariables?: boolean;
  /** The work one pair may cost, in steps of about half a microsecond. Default 30,000. */
  readonly steps?: number;
  /** Chooses the points of the identity tests. Default 1. */
  readonly seed?: number;
}

export interface MathVerdict {
  readonly verdict: Verdict;
  /** Why, in a sentence. */
  readonly reason: string;
}

/** Throws where a text is none: what is missing is the caller's mistake, not an answer. */
export function mustBeText(name: string, text: unknown): void {
  if (typeof text === "string") return;
  throw new TypeError(`${name}: expected a string, got ${String(text)}`);
}

/** Whether a bare answer is the gold answer, both in LaTeX or plain text. */
export function verifyMath(gold: string, answer: string, options: MathOptions = {}): MathVerdict {
  for (const [name, text] of Object.entries({ gold, answer })) mustBeText(name, text);
  const { steps = 30_000, seed = 1, rounding = "gold", relativeTolerance = 0 } = options;
  const { unsolved = false, renameVariables: renames = false } = options;
  const budget = new Budget(steps);
  const matchOptions = { budget, seed, rounding, relativeTolerance, unsolved };
  try {
    return judge(gold, answer, { ...matchOptions, renames });
  } catch (error) {
    // Numbers and texts beyond what the engine can hold end as the budget does.
    if (error instanceof BudgetError || error instanceof RangeError) {
      return { verdict: "timeout", reason: error.message };
    }
    // A mistake of ours is nobody's right or wrong answer, and must not end a training run.
    return { verdict: "timeout", reason: `internal error: ${String(error)}` };
  }
}

interface JudgeOptions extends MatchOptions {
  readonly renames: boolean;
}

function judge(gold: string, answer: string, options: JudgeOptions): MathVerdict {
  if (gold.length > maxCharacters) {
    return {
      verdict: "gold-unparsable",
      reason: `the gold answer is longer than ${maxCharacters} characters`,
    };
  }
  if (answer.length > maxCharacters) {
    return { verdict: "wrong", reason: `longer than ${maxCharacters} characters` };
  }
  if (gold === answer && /\d/.test(gold)) return { verdict: "correct", reason: "the same text" };
  const [expected, found] = [clean(gold), clean(answer)];
  if (!/[\p{L}\p{N}∅∞½¼¾]/u.test(expected) && !/\{\s*\\?\}/.test(expected)) {
    return { verdict: "gold-unparsable", reason: "the gold answer is empty" };
  }
  if (found === "") return { verdict: "no-answer", reason: "the answer is empty" };
  if (expected === found) return { verdict: "correct", reason: "the same text" };
  if (/^(?:[A-Z]{2,9}|[A-Za-z][aeiou][a-z])$/.test(expected) && /^[A-Za-z]+$/.test(found)) {
    // Words and rows of letters, which as products would be equal in any order.
    const [a, b] = [expected, found].map((letters) => letters.toLowerCase());
    if (a === b && /[a-z]/.test(expected)) return { verdict: "correct", reason: "the same words" };
    if (a !== b && [...a!].toSorted().join() === [...b!].toSorted().join()) {
      return { verdict: "wrong", reason: "not the words of the gold answer" };
    }
  }
  return judgeChoice(expected, found, options) ?? judgeReadings(expected, found, options, answer);
}

function judgeChoice(gold: string, answer: string, options: JudgeOptions): MathVerdict | undefined {
  const both = choiceWithValue(gold);
  if (both) {
    // "(B) 42" is answered by its letter or by its value.
    const letter = choiceOf(answer);
    if (!letter) return judgeReadings(both.value, answer, options);
    gold = both.letter;
  }
  if (!isChoice(gold)) return undefined;
  const [expected, found] = [choiceOf(gold), choiceOf(answer)];
  if (!expected || !found) return undefined;
  return expected.toUpperCase() === found.toUpperCase()
    ? { verdict: "correct", reason: "the same choice" }
    : { verdict: "wrong", reason: `expected choice ${expected}` };
}

function judgeReadings(
  gold: string,
  answer: string,
  options: JudgeOptions,
  raw = answer,
): MathVerdict {
  const problems: string[] = [];
  const expected = readings(gold, options.budget, problems);
  if (expected.length === 0) return judgeWords(gold, answer, problems[0]);
  if (
    expected.every(
      (node) =>
        node.kind === "divide" && node.bottom.kind === "number" && node.bottom.value.n === 0n,
    )
  ) {
    return { verdict: "gold-unparsable", reason: "the gold answer divides by zero" };
  }
  const unread: string[] = [];
  const found = readings(answer, options.budget, unread);
  if (anyMatch(expected, found, options))
    return { verdict: "correct", reason: "mathematically equal" };
  if (found.length === 0) {
    if (wordsOf(gold).join(" ") === wordsOf(answer).join(" ") && isProse(gold)) {
      return { verdict: "correct", reason: "the same words" };
    }
    for (const inner of answersInProse(raw)) {
      const inside = inner === answer ? [] : readings(inner, options.budget);
      if (inside.length === 0) continue;
      return anyMatch(expected, inside, options)
        ? { verdict: "correct", reason: "mathematically equal, with words around it" }
        : { verdict: "wrong", reason: "not equal to the gold answer" };
    }
    return { verdict: "wrong", reason: `the answer cannot be read: ${unread[0]}` };
  }
  return { verdict: "wrong", reason: "not equal to the gold answer" };
}

function anyMatch(gold: readonly Node[], answer: readonly Node[], options: JudgeOptions): boolean {
  const named = (found: Node, expected: Node): Node =>
    options.renames ? renameVariables(found, expected) : found;
  return gold.some((expected) =>
    answer.some((found) => matchAnswer(expected, named(found, expected), options)),
  );
}

function judgeWords(gold: string, answer: string, problem?: string): MathVerdict {
  const same = sameWords(gold, answer);
  if (isProse(gold)) {
    return same
      ? { verdict: "correct", reason: "the same words" }
      : { verdict: "wrong", reason: "not the words of the gold answer" };
  }
  const bare = (text: string): string => text.replace(/\\(?:left|right|,|;|!|:| )|\s(?!\d)/g, "");
  if (bare(gold) === bare(answer)) return { verdict: "correct", reason: "the same text" };
  return { verdict: "gold-unparsable", reason: `the gold answer cannot be read: ${problem}` };
}
