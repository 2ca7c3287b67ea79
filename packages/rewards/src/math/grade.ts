// The verdict on a completion: finds the answer in it and compares that with the gold answer.

import {
  defaultFinders,
  extractAnswer,
  type ExtractOptions,
  type Extraction,
} from "../extract/extract-answer.ts";
import { verifyMath, type MathOptions, type MathVerdict } from "./verify.ts";
import { isChoice } from "./words.ts";

export interface GradeMathOptions extends MathOptions, ExtractOptions {}

export interface MathGrade extends MathVerdict {
  /** The answer found in the completion. */
  readonly extracted?: string;
  /** By which finder, and where. */
  readonly extraction?: Extraction;
}

/** Whether the answer of a completion is the gold answer. */
export function gradeMath(
  gold: string,
  completion: string,
  options: GradeMathOptions = {},
): MathGrade {
  const finders =
    options.finders ?? (isChoice(gold) ? [...defaultFinders, "choice"] : defaultFinders);
  const extraction = extractAnswer(completion, { ...options, finders });
  if (!extraction) {
    const { verdict, reason } = verifyMath(gold, "", options);
    const unusable = verdict === "gold-unparsable";
    return { verdict, reason: unusable ? reason : "no answer found after the reasoning" };
  }
  const { answer } = extraction;
  return { ...verifyMath(gold, answer, options), extracted: answer, extraction };
}
