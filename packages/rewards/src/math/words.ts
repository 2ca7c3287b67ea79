// Answers in words: names, directions, yes and no, choices, and phrases that mean a set or a number.

import { numberOf, type Node } from "./ast.ts";
import { numerals } from "./vocabulary.ts";

/** Words that add nothing to an answer. */
const fillers = new Set(
  "the an it is its it's to answer therefore thus hence so of be will on was final option choice series".split(
    " ",
  ),
);

/** The words of an answer in lower case, without LaTeX, marks and fillers. */
export function wordsOf(text: string): string[] {
  const plain = text
    .replace(/\\(?:text|mbox|mathrm|textbf|textit|mathbf|operatorname|textrm|boxed|fbox)\b/g, " ")
    .replace(/\\(?:left|right|quad|qquad|displaystyle)\b|\\[,;:! ]/g, " ")
    .normalize("NFKC")
    .toLowerCase();
  const words = plain.match(/[\p{L}\p{N}]+(?:['’][\p{L}]+)?|[-−<>≤≥≠±](?=\s?\d)/gu) ?? [];
  // "A" alone is a choice, not an article.
  const kept = words.filter(
    (word, at) => !fillers.has(word) && (word !== "a" || (words[at + 1] ?? "").length < 2),
  );
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

const opposites = new Map(
  "yes no,no yes,true false,false true".split(",").map((two) => two.split(" ") as [string, string]),
);

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
    // "No solution" says something else.
    new RegExp(`\\b${first}\\b(?! (?!because|since|it|they)\\w)`, "i").test(answer) &&
    !found.includes(opposite)
  );
}

/** The letter of a choice: C, (C), "C) 12", "Option C". */
export function choiceOf(text: string): string | undefined {
  const plain = text
    .replace(/\\(?:text|mbox|mathrm|textbf|textit|mathbf|textrm)\b\s*/g, "")
    .replace(/[{}$*\s]+|\\[,;:! ]/g, " ")
    .trim();
  const found =
    /^(?:(?:option|choice|answer)\s*:?\s*)?\(?\s*([A-Za-z])\s*(?:\)|[.:](?=\s|$)|\s[-–—]\s(?=[A-Za-z]{2})|$)/i.exec(
      plain,
    );
  return found?.[1];
}

/** A gold answer such as \textbf{(B)}\ 42: the letter and what stands behind it. */
export function choiceWithValue(text: string): { letter: string; value: string } | undefined {
  const found =
    /^\\(?:textbf|text|mathrm|mathbf)\s*\{\s*\(([A-J])\)\s*\}(?:\s|~|\\[ ,;:]|\\q?quad)*([^]+)$/.exec(
      text,
    );
  return found ? { letter: found[1]!, value: found[2]! } : undefined;
}

/** Whether a gold answer is a choice and nothing else. */
export function isChoice(text: string): boolean {
  const bare = text.length > 60 ? "" : text.replace(/[\s{}$*]+/g, "");
  return /^(?:\\(?:text|mbox|mathrm|textbf))?(?:[Oo]ption|[Cc]hoice)?\(?[A-J]\)?\.?$/.test(bare);
}

const infinity: Node = { kind: "constant", name: "infinity" };
const fromZero = (open: "(" | "["): Node => ({
  kind: "tuple",
  open,
  close: ")",
  items: [numberOf(0), infinity],
});

/** Without "the", "x", "is" and "are". */
const phrases: readonly (readonly [RegExp, Node])[] = [
  [/^(?:all|any|every)? ?reals?(?: numbers?)?$/, { kind: "named-set", name: "R" }],
  [
    /^(?:there )?no (?:real )?(?:solutions?|roots?|such numbers?)(?: exists?)?$|^empty set$|^none exist$/,
    { kind: "named-set", name: "empty" },
  ],
  [/^(?:all )?positive reals?(?: numbers?)?$/, fromZero("(")],
  [/^(?:all )?non ?negative reals?(?: numbers?)?$/, fromZero("[")],
  [/^(?:positive )?infinity$|^infinite(?:ly many)?$/, infinity],
  [/^(?:negative|minus) infinity$/, { kind: "negate", value: infinity }],
];

/** What a phrase such as "no solution" means. */
export function phraseMeaning(text: string): Node | undefined {
  if (text.length > 60 || /[\d=<>^]/.test(text)) return undefined;
  const words = text
    .replace(/\\(?:text|mbox|mathrm|textrm)\b/g, " ")
    .toLowerCase()
    .match(/[a-z]+/g);
  if (!words) return undefined;
  const key = words.filter((word) => !["the", "x", "is", "are"].includes(word)).join(" ");
  return phrases.find(([pattern]) => pattern.test(key))?.[1] ?? signed(words);
}

/** "negative five" */
function signed(words: readonly string[]): Node | undefined {
  if (!/^(?:negative|minus)$/.test(words[0]!)) return spelledOut(words) ?? counted(words);
  const value = words.length > 1 ? signed(words.slice(1)) : undefined;
  return value?.kind === "number" ? { kind: "negate", value } : undefined;
}

/** "five hours", "three quarters of the cake". */
function counted(words: readonly string[]): Node | undefined {
  for (let at = words.length - 1; at > 0 && at > words.length - 4; at--) {
    const value = spelledOut(words.slice(0, at));
    const rest = words.slice(at);
    if (
      value &&
      !rest.some((word) => numerals.has(word) || /^(?:or|and|not|but|is|to|than)$/.test(word))
    ) {
      return { kind: "quantity", value, unit: rest.map((word) => ({ word, power: 1 })) };
    }
  }
  return undefined;
}

const scales = new Map([
  ["thousand", 1e3],
  ["million", 1e6],
  ["billion", 1e9],
]);
const parts = "half third quarter fifth sixth seventh eighth ninth tenth".split(" ");

/** "twenty-five", "two hundred and one", "three quarters". */
function spelledOut(words: readonly string[]): Node | undefined {
  const last = words
    .at(-1)!
    .replace(/^halves$/, "half")
    .replace(/^fourth/, "quarter")
    .replace(/s$/, "");
  const part = parts.indexOf(last) + 2;
  if (part < 2) return numberIn(words);
  const times =
    /^(?:half|a)$/.test(words[0]!) && words.length < 3 ? numberOf(1) : numberIn(words.slice(0, -1));
  return times && { kind: "divide", top: times, bottom: numberOf(part) };
}

function numberIn(words: readonly string[]): Node | undefined {
  let total = 0;
  let group = 0;
  if (!words.some((word) => numerals.has(word))) return undefined;
  for (const word of words) {
    const numeral = numerals.get(word);
    const scale = scales.get(word);
    if (numeral !== undefined) {
      // Two after twenty, but not after three.
      if (group % (numeral < 10 ? 10 : 100) !== 0) return undefined;
      group += numeral;
    } else if (word === "hundred" && group < 10) group = (group || 1) * 100;
    else if (scale !== undefined) {
      total += (group || 1) * scale;
      group = 0;
    } else if (word !== "and") return undefined;
  }
  return numberOf(total + group);
}
