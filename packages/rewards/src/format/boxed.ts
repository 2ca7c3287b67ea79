// The answer in \boxed{…} after the reasoning. Braces are matched by counting, so a box may hold fractions
// and nested boxes; escaped braces do not count.

import { defineReward, type Reward, type RewardDetail } from "../reward.ts";
import { splitReasoning, type ReasoningOptions } from "./reasoning.ts";

/** The contents of every closed \boxed{…} and \fbox{…}, outermost only, in order. */
export function boxedContents(text: string): string[] {
  const contents: string[] = [];
  let at = 0;
  while (at < text.length) {
    const opening = nextBox(text, at);
    if (opening === undefined) break;
    const end = matchingBrace(text, opening);
    if (end === undefined) break; // an unclosed box swallows the rest
    contents.push(text.slice(opening + 1, end));
    at = end + 1;
  }
  return contents;
}

/** Where the brace of the next \boxed{ or \fbox{ stands. */
function nextBox(text: string, from: number): number | undefined {
  for (let at = text.indexOf("\\", from); at >= 0; at = text.indexOf("\\", at + 1)) {
    const name = ["\\boxed", "\\fbox"].find((candidate) => text.startsWith(candidate, at));
    if (name === undefined) continue;
    let brace = at + name.length;
    while (text[brace] === " ") brace++;
    if (text[brace] === "{") return brace;
  }
  return undefined;
}

/** Where the braces close that open at an index; undefined if they do not. */
export function matchingBrace(text: string, opening: number): number | undefined {
  let depth = 0;
  for (let at = opening; at < text.length; at++) {
    const character = text[at];
    if (character === "\\") at++;
    else if (character === "{") depth++;
    else if (character === "}" && --depth === 0) return at;
  }
  return undefined;
}

export interface BoxedFormatOptions extends ReasoningOptions {
  /** How many boxes may stand after the reasoning. Default 1: several boxes are several answers. */
  readonly maxBoxes?: number;
}

/** 1 if the text after the reasoning holds one \boxed{…} that is not empty, else 0. */
export function boxedFormat({ maxBoxes = 1, ...options }: BoxedFormatOptions = {}): Reward {
  return defineReward("boxed_format", (completion): RewardDetail => {
    const boxes = boxedContents(splitReasoning(completion, options).visible);
    if (boxes.length === 0)
      return { reward: 0, reason: "no closed \\boxed{…} after the reasoning" };
    if (boxes.length > maxBoxes) {
      return { reward: 0, reason: `expected at most ${maxBoxes} boxes, found ${boxes.length}` };
    }
    const extracted = boxes.at(-1)!.trim();
    if (extracted === "") return { reward: 0, reason: "the box is empty" };
    return { reward: 1, extracted, reason: "boxed" };
  });
}
