// All that a text may mean: 1,234 is a number or a pair, 5 m has a unit or a variable. Prose around an
// answer is read past, if what is left is one answer.

import type { Node } from "./ast.ts";
import { readAnswer } from "./answer.ts";
import type { Budget } from "./budget.ts";
import { clean } from "./clean.ts";
import { formulas } from "../extract/formulas.ts";
import { UnreadableError, type Reading } from "./tokens.ts";
import { phraseMeaning } from "./words.ts";

/** Each way to read a text, the likeliest first; none if it is not mathematics. */
export function readings(text: string, budget: Budget): Node[] {
  const phrase = phraseMeaning(text);
  if (phrase) return [phrase];
  const found: Node[] = [];
  for (const reading of variants(text)) {
    const node = readOnce(text, reading, budget);
    if (node) found.push(node);
  }
  return found;
}

function variants(text: string): Reading[] {
  const list: Reading[] = [{ thousands: true }];
  if (/\d,\d{3}(?!\d)/.test(text)) list.push({ thousands: false });
  // 1,5 is a decimal where the digits after the comma are no list: 0,5 or 2,74 but not 1,2.
  if (/^[^,()[\]]*(?:(?<!\d)0,\d+|\d,(?:\d{2}|\d{4,}))(?!\d)[^,()[\]]*$/.test(text)) {
    list.push({ thousands: false, decimalComma: true });
  }
  if (/\d(?:\s+[a-zA-Z](?![a-zA-Z])|\s?m[²³])/.test(text))
    list.push({ thousands: true, unitLetters: true });
  return list;
}

function readOnce(text: string, reading: Reading, budget: Budget): Node | undefined {
  try {
    return readAnswer(text, reading, budget);
  } catch (error) {
    if (error instanceof UnreadableError) return undefined;
    throw error;
  }
}

const negations = /\b(?:not|never|neither|nor|cannot|isn't|isn’t|either|or|but|wrong|unknown)\b/i;
const copula = /(?:\b(?:is|are|equals?|be|was|were|get|obtain|has|have)\b:?|[:=])(?=\s)/gi;
const number = /[-−+]?(?:\\?[$€£]\s?)?(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?:\s?\/\s?\d+)?/g;

/** What is left of a sentence with one answer in it; undefined if there is not exactly one. */
export function answerInProse(text: string): string | undefined {
  if (text.length > 600 || negations.test(text)) return undefined;
  const parts = formulas(text);
  if (parts.length > 0) return parts.length === 1 ? parts[0]!.answer : undefined;
  const numbers = [...text.matchAll(number)].filter(
    ({ index }) => !/[\p{L}\d_^]/u.test(text[index - 1] ?? ""),
  );
  const last = [...text.matchAll(copula)].at(-1);
  if (last) {
    const rest = clean(text.slice(last.index + last[0].length));
    if (/\d/.test(rest)) return rest;
  }
  if (numbers.length !== 1) return undefined;
  const [only] = numbers;
  if (/[=<>^\\{}]/.test(text)) return undefined;
  return clean(text.slice(only!.index).split(/[.;!?](?:\s|$)/)[0]!);
}
