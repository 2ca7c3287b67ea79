// Finds the answer in a completion: only in what follows the last </think>, by a list of finders of which
// the first that finds something decides. Says what was found, by which finder, and where.

import { splitReasoning, type ReasoningOptions } from "../format/reasoning.ts";
import { endsInBox, findBoxed, type BoxPolicy } from "./boxed.ts";
import {
  findAnswerIs,
  findAnswerTag,
  findBare,
  findChoice,
  findConclusion,
  findFinalAnswer,
  findFormula,
  findHashes,
  findNumber,
  findStatement,
  findText,
} from "./finders.ts";
import type { Finder } from "./found.ts";

export type FinderName =
  | "answer-tag"
  | "final-answer"
  | "boxed"
  | "hashes"
  | "answer-is"
  | "bare"
  | "conclusion"
  | "formula"
  | "statement"
  | "number"
  | "choice"
  | "text";

export interface ExtractOptions extends ReasoningOptions {
  /** Tried in order: names of ours, or functions of your own. Default: `defaultFinders`. */
  readonly finders?: readonly (FinderName | Finder)[];
  /** Which boxes count. Default "joined": the last one, with those joined to it by "and" or a comma. */
  readonly boxPolicy?: BoxPolicy;
}

export interface Extraction {
  readonly answer: string;
  /** The finder that found it; "custom" for a function. */
  readonly finder: FinderName | "custom";
  /** Where the answer begins in the completion. */
  readonly start: number;
  /** Where it ends, exclusive. */
  readonly end: number;
}

/** The order of the finders, from the clearest mark to the weakest. */
export const defaultFinders: readonly FinderName[] = [
  "answer-tag",
  "final-answer",
  "boxed",
  "hashes",
  "answer-is",
  "bare",
  "conclusion",
  "formula",
  "statement",
  "number",
];

const weakMarks = new Set<FinderName | Finder>(
  defaultFinders.slice(defaultFinders.indexOf("bare")),
);
weakMarks.add("text");

const finderOf: { readonly [name in Exclude<FinderName, "boxed">]: Finder } = {
  "answer-tag": findAnswerTag,
  "final-answer": findFinalAnswer,
  hashes: findHashes,
  "answer-is": findAnswerIs,
  bare: findBare,
  conclusion: findConclusion,
  formula: findFormula,
  statement: findStatement,
  number: findNumber,
  choice: findChoice,
  text: findText,
};

/** The tokens that end a turn, where a tokenizer leaves them in. */
const chatEnd = /(?:\s{0,9}(?:<\|[a-z_]{1,20}\|>|<\/s>|<eos>|<end_of_turn>)){1,9}\s{0,9}$/;

/** No answer is looked for further from the end than this. */
const maxVisible = 100_000;

/** The answer of a completion; undefined where no finder finds one. */
export function extractAnswer(
  completion: string,
  { finders = defaultFinders, boxPolicy = "joined", ...reasoning }: ExtractOptions = {},
): Extraction | undefined {
  const { visible: all, closed } = splitReasoning(completion, reasoning);
  const closing = `</${reasoning.tag ?? "think"}>`;
  const visible = all.slice(-maxVisible).replace(chatEnd, "");
  const before = closed ? completion.lastIndexOf(closing) + closing.length : 0;
  const offset = before + Math.max(0, all.length - maxVisible);
  // Cut off in its box, a text has no answer but one that it marked before.
  const isCutOff = endsInBox(visible);
  for (const finder of finders) {
    if (isCutOff && weakMarks.has(finder)) continue;
    const find =
      typeof finder === "function"
        ? finder
        : finder === "boxed"
          ? (text: string) => findBoxed(text, boxPolicy)
          : finderOf[finder];
    const found = find(visible);
    if (!found) continue;
    const name = typeof finder === "function" ? "custom" : finder;
    const { answer, start, end } = found;
    return { answer, finder: name, start: start + offset, end: end + offset };
  }
  return undefined;
}
