// The verdict on a completion: finds the answer in it and compares that with the gold answer.

import {
  defaultFinders,
  extractAnswer,
  type ExtractOptions,
  type Extraction,
  type FinderName,
} from "../extract/extract-answer.ts";
import { mustBeText, verifyMath, type MathOptions, type MathVerdict } from "./verify.ts";
import { isChoice, isProse, phraseMeaning } from "./words.ts";

export interface GradeMathOptions extends MathOptions, ExtractOptions {}

export interface MathGrade extends MathVerdict {
  /** The answer found in the completion. */
  readonly extracted?: string;
  /** By which finder, and where. */
  readonly extraction?: Extraction;
}

const clearMarks: readonly FinderName[] = defaultFinders.slice(
  0,
  defaultFinders.indexOf("bare") + 1,
);
const weakMarks: readonly FinderName[] = defaultFinders.slice(clearMarks.length);

/** A choice or words are looked for in the prose before formulas and numbers are. */
function findersFor(gold: string): readonly FinderName[] {
  if (isChoice(gold)) return [...clearMarks, "choice", "text"];
  return isInWords(gold) ? [...clearMarks, "text", ...weakMarks] : [...defaultFinders, "text"];
}

function isInWords(gold: string): boolean {
  return isProse(gold) && /[A-Za-z]{2}|\p{Lo}/u.test(gold) && !/\d/.test(gold);
}

/** Whether the answer of a completion is the gold answer. */
export function gradeMath(
  gold: string,
  completion: string,
  options: GradeMathOptions = {},
): MathGrade {
  mustBeText("gold", gold);
  mustBeText("completion", completion);
  const finders = options.finders ?? findersFor(gold);
  const extraction = extractAnswer(completion, { ...options, finders });
  const isRemark =
    extraction?.finder === "text" && !isInWords(gold) && !phraseMeaning(extraction.answer);
  if (!extraction || isRemark) {
    const { verdict, reason } = verifyMath(gold, "", options);
    const unusable = verdict === "gold-unparsable";
    return { verdict, reason: unusable ? reason : "no answer found after the reasoning" };
  }
  const { answer } = extraction;
  return { ...verifyMath(gold, answer, options), extracted: answer, extraction };
}
