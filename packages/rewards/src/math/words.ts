// Answers in words: names, directions, yes and no, choices, and phrases that mean a set or a number.

import type { Node } from "./ast.ts";
import { numberOf } from "./expression.ts";

/** Words that add nothing to an answer. */
const fillers = new Set(
  "the a an it is its it's to answer therefore thus hence so of be final option choice".split(" "),
);

/** The words of an answer in lower case, without LaTeX, marks and fillers. */
export function wordsOf(text: string): string[] {
  const plain = text
    .replace(/\\(?:text|mbox|mathrm|textbf|textit|mathbf|operatorname|textrm|boxed|fbox)\b/g, " ")
    .replace(/\\(?:left|right|quad|qquad|displaystyle)\b|\\[,;:! ]/g, " ")
    .normalize("NFKC")
    .toLowerCase();
  const words = plain.match(/[\p{L}\p{N}]+(?:['’][\p{L}]+)?/gu) ?? [];
  const kept = words.filter((word) => !fillers.has(word));
  return kept.length > 0 ? kept : words;
}

/** Nothing but words and their punctuation: no signs, no commands but those for text. */
export function isProse(text: string): boolean {
  const bare = text
    .replace(/\\(?:text|mbox|mathrm|textbf|textit|textrm|emph|boxed)\s*\{/g, " ")
    .replace(/\\[,;:! ]/g, " ");
  return /\p{L}/u.test(bare) && !/[\\^_=<>+*|[\]±≤≥√∑]/.test(bare) && isBalanced(bare);
}

function isBalanced(text: string): boolean {
  return text.split("(").length === text.split(")").length;
}

const opposites = new Map([
  ["yes", "no"],
  ["true", "false"],
  ["no", "yes"],
  ["false", "true"],
]);

/** Whether two answers in words say the same. */
export function sameWords(gold: string, answer: string): boolean {
  const [expected, found] = [wordsOf(gold), wordsOf(answer)];
  if (expected.join(" ") === found.join(" ")) return true;
  // "Yes, because …" says yes.
  const [first = ""] = expected;
  const opposite = opposites.get(first);
  return (
    opposite !== undefined &&
    expected.length === 1 &&
    found[0] === first &&
    !found.includes(opposite)
  );
}

/** The letter of a choice: C, (C), "C) 12", "Option C". */
export function choiceOf(text: string): string | undefined {
  const plain = text
    .replace(/\\(?:text|mbox|mathrm|textbf|textit|mathbf|textrm)\b\s*/g, "")
    .replace(/[{}$*]|\\[,;:! ]/g, " ")
    .trim();
  const found =
    /^(?:(?:option|choice|answer)\s*:?\s*)?\(?\s*([A-Za-z])\s*(?:\)|[.:](?=\s|$)|$)/i.exec(plain);
  return found?.[1];
}

/** Whether a gold answer is a choice and nothing else. */
export function isChoice(text: string): boolean {
  return /^[\s{}$*]*(?:\\(?:text|mbox|mathrm|textbf)\s*\{)?\s*\(?\s*[A-J]\s*\)?[\s.{}$*]*$/.test(
    text,
  );
}

const allReals: Node = { kind: "named-set", name: "R" };
const empty: Node = { kind: "named-set", name: "empty" };
const infinity: Node = { kind: "constant", name: "infinity" };
const numerals =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen " +
  "sixteen seventeen eighteen nineteen twenty";

const phrases: ReadonlyMap<string, Node> = new Map<string, Node>([
  ...["all real numbers", "all reals", "any real number", "real numbers", "every real number"].map(
    (phrase): [string, Node] => [phrase, allReals],
  ),
  ...[
    "no solution",
    "no solutions",
    "no real solution",
    "no real solutions",
    "there are no solutions",
    "there is no solution",
    "no real roots",
    "empty set",
    "no such numbers exist",
    "none exist",
  ].map((phrase): [string, Node] => [phrase, empty]),
  ["infinity", infinity],
  ["positive infinity", infinity],
  ["negative infinity", { kind: "negate", value: infinity }],
  ["minus infinity", { kind: "negate", value: infinity }],
  ...numerals.split(" ").map((word, n): [string, Node] => [word, numberOf(n)]),
]);

/** What a phrase such as "no solution" means. */
export function phraseMeaning(text: string): Node | undefined {
  if (text.length > 60) return undefined;
  const words = text
    .replace(/\\(?:text|mbox|mathrm|textrm)\b/g, " ")
    .toLowerCase()
    .match(/[a-z]+/g);
  const key = words?.filter((word) => !["the", "x", "is", "are"].includes(word)).join(" ");
  if (!key || /[\d=<>^]/.test(text)) return undefined;
  return phrases.get(words!.join(" ")) ?? phrases.get(key);
}
