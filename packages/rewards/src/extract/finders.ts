// The finders beside the box: <answer> tags, ####, "the answer is", the last formula, the last number, and
// choice letters. Each takes the last of its kind: what comes last is what the model settled on.

import { denied, introduces, operation } from "./around.ts";
import { copula } from "./copula.ts";
import { boxes, findBoxed } from "./boxed.ts";
import { formulas } from "./formulas.ts";
import { foundAt, joined, joinedToFirst, type Found } from "./found.ts";

/** The last <answer>…</answer>, or the box in it. */
export function findAnswerTag(text: string): Found | undefined {
  const end = text.lastIndexOf("</answer>");
  const start = end < 0 ? -1 : text.lastIndexOf("<answer>", end);
  if (start < 0) return undefined;
  const found = foundAt(text, start + "<answer>".length, end);
  return inner(found, (answer) => (boxes(answer).length > 0 ? findBoxed(answer) : undefined));
}

function inner(found: Found, find: (answer: string) => Found | undefined): Found {
  const inside = find(found.answer);
  if (!inside) return found;
  return {
    answer: inside.answer,
    start: found.start + inside.start,
    end: found.start + inside.end,
  };
}

const finalAnswer = /\bfinal answer\W{0,6}(?:(?:the )?final answer )?(?:is|:)[\s:*"]{0,6}/gi;

/** "The final answer is $5$" after the last box: what a model that changed its mind settled on. */
export function findFinalAnswer(text: string): Found | undefined {
  const last = [...text.matchAll(finalAnswer)].at(-1);
  if (!last) return undefined;
  const start = last.index + last[0].length;
  if ((boxes(text).at(-1)?.end ?? 0) > start) return undefined;
  const rest = text.slice(start, start + maxSentence);
  const first = joinedToFirst(rest, formulas(rest));
  if (!first || first.start > 3) return undefined;
  return { answer: first.answer, start: start + first.start, end: start + first.end };
}

/** The rest of the last line after "####" (GSM8K). */
export function findHashes(text: string): Found | undefined {
  const at = text.lastIndexOf("####");
  if (at < 0) return undefined;
  const line = text.indexOf("\n", at);
  const found = foundAt(text, at + 4, line < 0 ? text.length : line);
  return found.answer === "" ? undefined : found;
}

// Or what a mind says that changed.
const phrase =
  /(?:\b(?:answers?|correct (?:option|choice))\b|答案)[^.:\n$\\]{0,60}?(?:\b(?:is|are|be|equals)\b(?:\s*:)?|\*{0,2}[:：]\*{0,2}|=|是|为)|\bfinal answer\b[^\S\n]{0,20}\*{0,2}[^\S\n]{0,20}\n|\b(?:actually|wait|no|sorry)\b[^\n]{0,80}?\b(?:it|that|answer)(?:['’]s| is| (?:should|must) be)\s(?=\W?(?:\d|[A-J]\b))/gi;
const maxSentence = 400;

/** What explains an answer: 4 "not 5", C "because it is big", 5 "(2 + 3)", 3 "for n = 2". */
const explanation =
  /(?<=[^,\s]),?\s(?:(?:and )?not|rather than|instead of|because|since)\s.*|(?<=\d)\s(?:\(\d+\s?[-+*×÷/=−][^a-z()]*\)|(?:for|when) [a-z] ?= ?\d+)$/i;

/** What follows the last "the answer is" or "Answer:", to the end of the sentence. */
export function findAnswerIs(text: string): Found | undefined {
  const last = [...text.matchAll(phrase)].at(-1);
  if (!last || denied.test(last[0].split(/[.!?]\s/).at(-1)!)) return undefined;
  let start = last.index + last[0].length;
  while (start < text.length && /[\s:*]/.test(text[start]!)) start++;
  let sentence = foundAt(text, start, sentenceEnd(text, start));
  if (sentence.answer === "") return undefined;
  const reason = explanation.exec(sentence.answer);
  if (reason) sentence = foundAt(text, start, sentence.start + reason.index);
  return inner(sentence, (answer) => {
    const parts = formulas(answer);
    // Formulas alone; with words between them the sentence is for the reader of prose.
    const outside = parts.reduce((rest, part) => rest.replace(part.answer, ""), answer);
    const isOnly = parts.length > 0 && !/[\p{L}\d]/u.test(outside.replace(/\b(?:and|or)\b/g, ""));
    return isOnly ? joined(answer, parts) : undefined;
  });
}

/** The end of a line, or a full stop that ends a sentence, but none inside a formula. */
function sentenceEnd(text: string, start: number): number {
  const limit = Math.min(text.length, start + maxSentence);
  let inFormula = false;
  for (let at = start; at < limit; at++) {
    const character = text[at]!;
    if (character === "\\") {
      if (text[at + 1] === "[" || text[at + 1] === "(") inFormula = true;
      if (text[at + 1] === "]" || text[at + 1] === ")") inFormula = false;
      at++;
    } else if (character === "$") inFormula = !inFormula;
    else if (inFormula) continue;
    else if (character === "\n") return at;
    else if (
      (character === "." || character === "!" || character === "?") &&
      endsSentence(text, at)
    ) {
      return at;
    }
  }
  return limit;
}

function endsSentence(text: string, at: number): boolean {
  const next = text[at + 1];
  return next === undefined || /\s/.test(next) || (next === "*" && text[at + 2] === "*");
}

const conclusion =
  /(?:^|[.!?:\n$\])]\s{0,20})(?:therefore|thus|hence|so|in conclusion)\b,?\s*(?:(?:we|I) (?:get|have|obtain|find|see|conclude)\b(?: that\b)?[\s:,]*)?/gi;

/** The last sentence that begins with "therefore" or the like and holds a number or a formula. */
export function findConclusion(text: string): Found | undefined {
  for (const match of [...text.matchAll(conclusion)].toReversed().slice(0, 3)) {
    const start = match.index + match[0].length;
    const sentence = foundAt(text, start, sentenceEnd(text, start));
    if (!/[\d$\\]/.test(sentence.answer)) continue;
    return inner(sentence, (answer) => joined(answer, formulas(answer)));
  }
  return undefined;
}

const word = /(?<![\\A-Za-z])[A-Za-z]{3,}/g;
const formulaWords =
  /^(?:(?:and|or)[A-Z]?|sin|cos|tan|cot|sec|csc|log|sqrt|arc(?:sin|cos|tan)|inf|infinity)$/;
const maxBare = 200;

/** The whole text, where it is one line of mathematics without words. */
export function findBare(text: string): Found | undefined {
  const found = foundAt(text, 0, text.length);
  if (found.answer === "" || found.answer.length > maxBare) return undefined;
  // A box here is empty; letters of scripts without cases are words.
  if (/[\n$]|\\(?:[([]|f?boxed)|\p{Lo}/u.test(found.answer)) return undefined;
  const words = found.answer.match(word) ?? [];
  return words.every((each) => formulaWords.test(each)) ? found : undefined;
}

/** The last formula, with those that belong to it. */
export function findFormula(text: string): Found | undefined {
  const parts = formulas(text);
  const last = parts.at(-1);
  const isDenied =
    last && /\b(?:not|cannot|never)\b|n['’]t\b/i.test(clauseAround(text, last.start));
  return isDenied ? undefined : joined(text, parts);
}

/** x = 1 and x = 4, or a longer list. */
const assignments = /(?<=\s)[A-Za-z]\s?=[^=,]{1,40}(?:(?:,|,?\s(?:and|or))\s[A-Za-z]\s?=[^=]*)+$/;

/** What follows the last "is" or equals sign of the last sentence with a number in it. */
export function findStatement(text: string): Found | undefined {
  const digit = /\d(?=\D*$)/.exec(text.slice(-maxTail))?.index;
  if (digit === undefined) return undefined;
  const last = Math.max(0, text.length - maxTail) + digit;
  const before = Math.max(0, last - maxSentence);
  const start = Math.max(before, text.lastIndexOf("\n", last) + 1);
  const verb = [...text.slice(start, last).matchAll(copula)].at(-1);
  // An equals sign speaks of nothing but what stands around it.
  if (!verb || (verb[0] !== "=" && denied.test(clauseAround(text, last)))) return undefined;
  const from =
    start + (assignments.exec(text.slice(start, last))?.index ?? verb.index + verb[0].length);
  const end = sentenceEnd(text, from);
  return end > last ? foundAt(text, from, end) : undefined;
}

/** The last line, where it is short. */
export function findText(text: string): Found | undefined {
  let end = text.length;
  while (end > 0 && /\s/.test(text[end - 1]!)) end--;
  const found = foundAt(text, text.lastIndexOf("\n", end - 1) + 1, end);
  return found.answer === "" || found.answer.length > maxBare ? undefined : found;
}

const maxTail = 2000;
const number = /(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?:\s?\/\s?\d+|:\d+)?/g;
const behind = /^\s?(?:\\?%|percent\b|pct\b|[$€£]|°)/;

/** The π of 25π, but not the th of 25th. */
const attached = /^(?!(?:st|nd|rd|th)\b)[\p{L}√^\\(](?:[^\s,;]*[^\s,;.!?])?/u;

/** The last number, with its sign, currency, percent sign and what it multiplies. */
export function findNumber(text: string): Found | undefined {
  const tail = text.length > 20_000 ? text.length - 20_000 : 0;
  const all = [...text.slice(tail).matchAll(number)];
  for (const match of all.toReversed()) {
    let start = tail + match.index;
    let end = start + match[0].replace(/,+$/, "").length;
    if (/[\p{L}\d_.]/u.test(text[start - 1] ?? "")) continue;
    const currency = /\\?[$€£]\s?$/.exec(text.slice(Math.max(0, start - 3), start));
    if (currency) start -= currency[0].length;
    const sign = text[start - 1];
    const isSign = (sign === "-" || sign === "−") && !/[\p{L}\d)]/u.test(text[start - 2] ?? "");
    if (isSign) start--;
    const rest = text.slice(end, end + 80);
    end += (operation.exec(rest) ?? behind.exec(rest) ?? attached.exec(rest))?.[0].length ?? 0;
    // What is part of something else, or denied, is no answer; nor is what stands before it.
    const isTold = introduces(text.slice(Math.max(0, start - 80), start));
    if (!isTold || denied.test(clauseAround(text, start))) return undefined;
    return foundAt(text, start, end);
  }
  return undefined;
}

/** The words around a place up to the next comma or full stop. */
function clauseAround(text: string, start: number): string {
  const before = text.slice(Math.max(0, start - 200), start);
  return (
    before.split(/[,;.!?\n]\s|\b(?:which|but|so|because|since|it['’]s(?! not))\b/i).at(-1)! +
    text.slice(start, start + 200).split(/[,;.!?](?:\s|$)|\n/)[0]!
  );
}

const choice = /(?:^|[^\p{L}\d])(?:\(([A-J])\)|([A-J])(?=[).:\s]|$))/gu;

/** The last choice letter that stands alone: (C), "C." or "C)". */
export function findChoice(text: string): Found | undefined {
  const all = [...text.slice(-20_000).matchAll(choice)].filter(
    // "A" and "I" at the start of a sentence are words.
    ([whole], at, list) => list.length === 1 || /[().:]/.test(whole) || at === list.length - 1,
  );
  const last = all.at(-1);
  if (!last) return undefined;
  const letter = last[1] ?? last[2]!;
  const offset = Math.max(0, text.length - 20_000);
  const start = offset + last.index + last[0].indexOf(letter);
  const clause = clauseAround(text, start);
  if (denied.test(clause) || /\bboth\b/i.test(clause)) return undefined;
  // "A triangle", "I think"
  if (/[AI]/.test(letter) && /^ (?!is\b)[a-z]/.test(text.slice(start + 1))) return undefined;
  return { answer: letter, start, end: start + 1 };
}
