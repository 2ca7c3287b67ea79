// The answer in a box: the last \boxed{…} or \fbox{…}. Boxes that stand side by side, joined by nothing but
// commas or "and", are one list: \boxed{4} or \boxed{5} is not 5.

import { matchingBrace } from "../format/boxed.ts";
import { foundAt, joined, type Found } from "./found.ts";

const commands = ["\\boxed", "\\fbox", "\\framebox"];
const maxBoxes = 200;

/** What of the last boxes counts. */
export type BoxPolicy = "joined" | "last" | "unanimous";

/** Every closed box, outermost only, in order. */
export function boxes(text: string): Found[] {
  const found: Found[] = [];
  for (let at = text.indexOf("\\"); at >= 0; at = text.indexOf("\\", at)) {
    const name = commands.find((command) => text.startsWith(command, at));
    if (name === undefined) {
      // A backslash before a backslash is no command, but one too many is common: \\boxed.
      at++;
      continue;
    }
    at += name.length;
    while (text[at] === " ") at++;
    if (text[at] !== "{") {
      const bare = /^\s?([-\w.]+)/.exec(text.slice(at, at + 40));
      if (bare && text[at - 1] === " ") found.push(foundAt(text, at, at + bare[0].length));
      continue;
    }
    const end = matchingBrace(text, at);
    if (end === undefined) break;
    found.push(withPercent(text, foundAt(text, at + 1, end), end + 1));
    if (found.length > maxBoxes) found.shift();
    at = end + 1;
  }
  return found.filter(({ answer }) => answer !== "");
}

/** Whether the last box opens and does not close. */
export function endsInBox(text: string): boolean {
  const last = text.lastIndexOf("\\boxed{");
  return last >= 0 && matchingBrace(text, last + "\\boxed".length) === undefined;
}

/** \boxed{20} percent is 20%. */
function withPercent(text: string, found: Found, after: number): Found {
  const behind = /^\s?(?:\$|\\\))?\s?(?:\\?%|(?:percent(?:age)?|pct)\b)/.exec(
    text.slice(after, after + 16),
  );
  if (!behind || /%|percent|pct/.test(found.answer)) return found;
  return { ...found, answer: `${found.answer} \\%` };
}

/**
 * The boxed answer: "joined" takes the last box with those right beside it, "last" the last one alone,
 * "unanimous" the last one if all boxes hold the same text.
 */
export function findBoxed(text: string, policy: BoxPolicy = "joined"): Found | undefined {
  const all = boxes(text);
  if (policy === "joined") return joined(text, all);
  const last = all.at(-1);
  if (policy === "unanimous" && all.some(({ answer }) => answer !== last?.answer)) return undefined;
  return last;
}
