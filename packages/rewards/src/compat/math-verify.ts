// The accuracy open-r1 and TRL build on Math-Verify 0.8: which part of a completion they read as its answer,
// and which differences they overlook. The comparison itself is ours. For comparing runs with theirs: a box
// inside the reasoning counts, letters that look like units are dropped (5t is 5, 3c is 3d), 5 km is 5 m.
// Source: math_verify/parser.py, latex2sympy2_extended/math_normalization.py.

import { boxes } from "../extract/boxed.ts";
import { extractAnswer } from "../extract/extract-answer.ts";
import { formulas } from "../extract/formulas.ts";
import type { Found } from "../extract/found.ts";
import { verifyMath } from "../math/verify.ts";

/** The last formula that stands right behind what `before` describes, and right before `after`. */
function anchored(
  text: string,
  all: readonly Found[],
  before: RegExp,
  after: RegExp = /^/,
): Found | undefined {
  return all.findLast(({ start, end }) => {
    const opening = /(?:\$\$?|\\[([])\s*$/.exec(text.slice(Math.max(0, start - 8), start));
    const at = start - (opening?.[0].length ?? 0);
    const behind = text.slice(end, end + 24).replace(/^\s*(?:\$\$?|\\[)\]])/, "");
    return before.test(text.slice(Math.max(0, at - 130), at)) && after.test(behind);
  });
}

/** The answer in LaTeX: the box, or a formula after "final answer is" or "answer". */
function answerInLatex(text: string): string | undefined {
  const all = formulas(text);
  const box = lastBoxes(text);
  const hoped = anchored(text, all, /final answer is:?\s*$/i, /^\.?\s?I hope/);
  if (box && (!hoped || box.end > hoped.end)) return box.answer;
  const found =
    hoped ??
    anchored(text, all, /final answer[^]{0,100}\sis:?\s*$/i) ??
    anchored(text, all, /answer:[^]{0,50}$/i) ??
    anchored(text, all, /answer[^]{0,50}$/i);
  return found?.answer;
}

/** The last box, and those before it that are near or joined to it. */
function lastBoxes(text: string): Found | undefined {
  const all = boxes(text);
  let first = all.length - 1;
  for (; first > 0; first--) {
    const [here, next] = [all[first - 1]!, all[first]!];
    // Between the closing brace of one box and the command of the next.
    const gap = text.slice(here.end + 1, next.start).replace(/\\f?boxed?\s*\{?\s*$/, "");
    const isJoined = gap.length < 70 && /and|or|,|;/.test(gap) && here.answer !== next.answer;
    if (gap.length >= 10 && !isJoined) break;
  }
  const last = all.at(-1);
  return (
    last && {
      ...last,
      answer: all
        .slice(first)
        .map(({ answer }) => answer)
        .join(","),
    }
  );
}

// Spaces inside and single letters as they are there.
const units =
  "integerpoint|feet|sue|digit|pound|meal|edge|student|children ticket|multiple|east|degree|mph|kmph|ft|" +
  "m square| m east|sq m|deg|mile|q .|monkey|prime|ratio|profit of rs|rd|o|gm|p . m|lb|tile|per|dm|lt|gain|" +
  "ab|way|west|[a-h] .|t|h|no change|men|soldier|pie|bc|excess|st|inches|noon|cent|by|gal|kmh|c|acre|rise|" +
  "a . m|th|π r 2|sq|mark|l|toy|coin|sq . m|gallon|° f|profit|minw|yr|women|am|pm|hr|cu cm|square|are|rupee|" +
  "rounds|cubic|cc|mtr|s|ohm|number|day|hour|minute|min|second|man|woman|sec|cube|mt|sq inch|mp|hectare|more|" +
  "unit|cu . m|cm 2|rs .|rs|kg|g|month|km|m|cm|mm|apple|liter|loss|yard|pure|year|increase|decrease|d|less|" +
  "Surface|litre|pi sq m|s .|metre|meter|inch";
const unitAtEnd = new RegExp(`(\\d|\\}|\\s)\\s*(?:${units})(?:s|es)?\\s*$`);
const textAtEnd = /\\(?:text|mbox)\s*\{[^{}]*\}(?:\^\d|\{\^\d\})?\s*$/;
const maxAnswer = 10_000;

function withoutUnits(answer: string): string {
  let text = answer.trim();
  if (text.length > maxAnswer) return text;
  const bare = text.replace(textAtEnd, "").trim();
  if (bare !== "") text = bare;
  for (let i = 0; i < 2; i++) {
    text = text.slice(0, -40) + text.slice(-40).replace(unitAtEnd, "$1");
  }
  text = text.replace(/\^\s*(?:\\circ|\{\\circ\})\s*$/, "").trim();
  // x = 3 = 5 is 5, and 50% is one half, never 50.
  if (/^[^=]*[^=<>!\\]=[^=]*=/.test(text)) text = text.slice(text.lastIndexOf("=") + 1).trim();
  return text.replace(/^(-?\d{1,20}(?:\.\d{1,20})?)\s*\\?%$/, "\\frac{$1}{100}");
}

/** \frac12 and \sqrt2, which both libraries leave as they are and then cannot read. */
const malformed = /\\[dtc]?frac\s*(?:\d|\{[^{}]*\}\s*\d)|\\sqrt\s*\d/;

export interface Judged {
  /** Undefined where the gold answer cannot be read. */
  readonly correct: boolean | undefined;
  readonly extracted?: string;
}

/**
 * Judges a completion. `goldInLatex` reads the gold answer only where it is in LaTeX, as open-r1's length
 * rewards do.
 */
export function judgeLikeMathVerify(
  gold: string,
  completion: string,
  { goldInLatex = false }: { readonly goldInLatex?: boolean } = {},
): Judged {
  const expected = goldOf(gold, goldInLatex);
  if (expected === undefined) return { correct: undefined };
  const extracted = answerInLatex(completion);
  if (extracted === undefined) return { correct: false };
  if (malformed.test(extracted)) return { correct: false, extracted };
  const { verdict } = verifyMath(withoutUnits(expected), withoutUnits(extracted), {
    rounding: "never",
  });
  if (verdict === "gold-unparsable") return { correct: undefined, extracted };
  return { correct: verdict === "correct", extracted };
}

/** Their default: LaTeX first, anchored or not, then numbers. Words alone are not read. */
function goldOf(gold: string, inLatex: boolean): string | undefined {
  const latex = answerInLatex(gold) ?? formulas(gold).at(-1)?.answer;
  if (latex !== undefined) return latex;
  const fraction = /-?\\frac\{-?\d+(?:[.,]\d+)?\}\{-?\d+(?:[.,]\d+)?\}/.exec(gold)?.[0];
  if (fraction !== undefined || inLatex) return fraction;
  if (!/\d/.test(gold)) return undefined;
  return extractAnswer(gold, { finders: ["hashes", "answer-is", "number"] })?.answer ?? gold;
}
