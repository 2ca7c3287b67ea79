// All that a text may mean: 1,234 is a number or a pair, 5 m has a unit or a variable. Prose around an
// answer is read past, if what is left is one answer.

import type { Node } from "./ast.ts";
import { readAnswer } from "./answer.ts";
import type { Budget } from "./budget.ts";
import { clean } from "./clean.ts";
import { denied, introduces, operation } from "../extract/around.ts";
import { copula } from "../extract/copula.ts";
import { formulas } from "../extract/formulas.ts";
import { UnreadableError, type Reading } from "./tokens.ts";
import { phraseMeaning } from "./words.ts";

/** Each way to read a text, the likeliest first; none if it is not mathematics: problems then says why. */
export function readings(text: string, budget: Budget, problems: string[] = []): Node[] {
  const phrase = phraseMeaning(text);
  if (phrase) return [phrase];
  const found: Node[] = [];
  const read = (spelling: string, reading: Reading): void => {
    try {
      found.push(readAnswer(spelling, reading, budget));
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
      problems.push(error.message);
    }
  };
  for (const reading of variants(text)) read(text, reading);
  const counted = text.replace(combinations, "\\binom{$1$3}{$2$4}");
  if (counted !== text) read(counted, { thousands: true });
  return found;
}

/** 10C3 and C(10, 3), which may also be a product and a point. */
const combinations =
  /(?<![A-Za-z\d\\])(?:(\d+)\s?C\s?(\d+)|C\(([^(),]{1,40}),([^(),]{1,40})\))(?!\w)/g;

function variants(text: string): Reading[] {
  const list: Reading[] = [{ thousands: true }];
  if (/\d,[1-9]\d\d(?!\d)/.test(text)) {
    // [80,100) is an interval.
    if (/(?<!sqrt)\[|\](?!\s?\{)/.test(text)) list.pop();
    list.push({ thousands: false });
  }
  if (/\de[-+]\d/.test(text)) list.push({ thousands: true, plainE: true });
  // 1,5 is a decimal where the digits after the comma are no list: 0,5 or 2,74 but not 1,2.
  if (/^[^,()[\]]*(?:(?<!\d)0,\d+|\d,(?:\d{2}|\d{4,}))(?!\d)[^,()[\]]*$/.test(text)) {
    list.push({ thousands: false, decimalComma: true });
  }
  if (/\d(?:\s+[a-zA-Z](?![a-zA-Z])|\s?m[²³])/.test(text))
    list.push({ thousands: true, unitLetters: true });
  return list;
}

const number = /[-−+]?(?:\\?[$€£]\s?)?(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?:\s?\/\s?\d+)?/g;

/**
 * What may be the answer in a sentence that holds one, the likeliest first: what follows the last "is", or
 * the only number with or without its unit. None if there is more than one answer.
 */
export function answersInProse(text: string): string[] {
  if (text.length > 600 || denied.test(text) || /\b(?:or|but|unknown|than)\b/i.test(text))
    return [];
  const parts = formulas(text);
  const formula = parts.at(-1);
  let tail = formula ? text.slice(formula.end).replace(/^(?:\$+|\\[)\]])/, "") : text;
  if (formula && !(/\d/.test(tail) && tail.search(copula) >= 0)) {
    // The value of $x$ is $5$.
    const before = text.slice(parts.at(-2)?.end ?? 0, formula.start);
    const isTold = before.search(copula) >= 0 || parts.length === 1;
    return isTold && introduces(before) ? [formula.answer] : [];
  }
  tail = clean(tail.replace(/\\text\s?\{([^{}]*)\}/g, " $1 "));
  const last = [...tail.matchAll(copula)].at(-1);
  const rest = last ? clean(tail.slice(last.index + last[0].length)) : "";
  if (/[\d\\]/.test(rest)) return [rest, withoutWords(rest), ...onlyNumber(rest)];
  return [withoutWords(tail), ...onlyNumber(tail)];
}

/** "the interval [1, 3]" without its first words. */
function withoutWords(text: string): string {
  const words = /^(?:[A-Za-z]{2,}[\s:]+|a\s+){0,12}/.exec(text)![0];
  return introduces(words) ? clean(text.slice(words.length)) : "";
}

/** The only number in a text, with the word behind it and without. */
function onlyNumber(text: string): string[] {
  const numbers = [...text.matchAll(number)].filter(
    ({ index }) => !/[\p{L}\d_^]/u.test(text[index - 1] ?? ""),
  );
  const [only] = numbers;
  if (!only || numbers.length > 1 || /[=<>^{}≥≤≠≈]|\\(?![$%])/.test(text)) return [];
  const end = only.index + only[0].length;
  if (!introduces(text.slice(0, only.index))) return [];
  const behind = text.slice(only.index).split(/[.;!?](?:\s|$)/)[0]!;
  const plain = only[0].replace(/,+$/, "");
  const word = /^(?:\s?\\?%|\s?[\p{L}°$€£¢]+[²³]?)?/u.exec(behind.slice(plain.length))![0];
  return operation.test(text.slice(end)) ? [clean(behind)] : [clean(behind), plain + word];
}
