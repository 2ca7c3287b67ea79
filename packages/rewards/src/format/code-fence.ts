// Code in Markdown fences, by a state machine over lines (CommonMark §4.5): a fence is three or more
// backticks or tildes, closed by at least as many of the same. So ``` inside a string of the code does not
// cut it short, ```py and ```Python are read, and an unclosed fence is reported as such.

import { defineReward, type Reward, type RewardDetail } from "../reward.ts";
import { splitReasoning, type ReasoningOptions } from "./reasoning.ts";

export interface CodeBlock {
  /** The first word after the fence in lower case; "" if there is none. */
  readonly language: string;
  readonly code: string;
  readonly closed: boolean;
}

const aliases: Readonly<Record<string, string>> = {
  py: "python",
  python3: "python",
  py3: "python",
  js: "javascript",
  mjs: "javascript",
  node: "javascript",
  ecmascript: "javascript",
  ts: "typescript",
  "c++": "cpp",
  rs: "rust",
};

/** The usual name of a language: "py" is "python". */
export function languageName(language: string): string {
  const lower = language.toLowerCase();
  return Object.hasOwn(aliases, lower) ? aliases[lower]! : lower;
}

export function codeBlocks(text: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { fence: string; language: string; lines: string[] } | undefined;
  for (const line of text.split(/\r\n|\n|\r/)) {
    const fence = fenceOf(line);
    if (open === undefined) {
      if (fence === undefined || fence.info.includes("`")) continue;
      const word = fence.info.trim().split(/[\s{,]/, 1)[0]!;
      open = { fence: fence.marks, language: languageName(word), lines: [] };
    } else if (closes(fence, open.fence)) {
      blocks.push({ language: open.language, code: join(open.lines), closed: true });
      open = undefined;
    } else {
      open.lines.push(line);
    }
  }
  if (open) blocks.push({ language: open.language, code: join(open.lines), closed: false });
  return blocks;
}

function fenceOf(line: string): { marks: string; info: string } | undefined {
  const start = line.length - line.trimStart().length;
  const mark = line[start];
  if (start > 3 || (mark !== "`" && mark !== "~")) return undefined;
  let end = start;
  while (line[end] === mark) end++;
  if (end - start < 3) return undefined;
  return { marks: line.slice(start, end), info: line.slice(end) };
}

function closes(fence: { marks: string; info: string } | undefined, opening: string): boolean {
  return (
    fence !== undefined &&
    fence.info.trim() === "" &&
    fence.marks[0] === opening[0] &&
    fence.marks.length >= opening.length
  );
}

function join(lines: readonly string[]): string {
  return lines.length === 0 ? "" : lines.join("\n") + "\n";
}

export interface ExtractCodeOptions extends ReasoningOptions {
  /** Only blocks of this language, and blocks that name none. Default: any. */
  readonly language?: string;
  /** Whether a block cut off by the end of the completion counts. Default false. */
  readonly allowUnclosed?: boolean;
}

/** The last code block after the reasoning; undefined if there is none. */
export function extractCode(
  completion: string,
  { language, allowUnclosed = false, ...options }: ExtractCodeOptions = {},
): string | undefined {
  const blocks = codeBlocks(splitReasoning(completion, options).visible);
  const wanted = language === undefined ? undefined : languageName(language);
  const named = blocks.filter(
    (block) =>
      (block.closed || allowUnclosed) &&
      (wanted === undefined || block.language === wanted || block.language === ""),
  );
  // A block that names the language is meant more than one that names none.
  return (named.findLast((block) => block.language === wanted) ?? named.at(-1))?.code;
}

/** 1 if a closed code block (of the language) that is not empty stands after the reasoning, else 0. */
export function codeFenceFormat(options: ExtractCodeOptions = {}): Reward {
  return defineReward("code_format", (completion): RewardDetail => {
    const code = extractCode(completion, options);
    const kind = options.language ?? "code";
    if (code === undefined)
      return { reward: 0, reason: `no closed ${kind} fence after the reasoning` };
    if (code.trim() === "") return { reward: 0, reason: `the ${kind} fence is empty` };
    return { reward: 1, extracted: code, reason: `${kind} in a fence` };
  });
}
