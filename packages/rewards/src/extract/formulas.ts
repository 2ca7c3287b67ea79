// The pieces of mathematics in a text: $…$, $$…$$, \(…\) and \[…\].

import { foundAt, type Found } from "./found.ts";

const delimiters: readonly (readonly [string, string])[] = [
  ["$$", "$$"],
  ["\\[", "\\]"],
  ["\\(", "\\)"],
  ["$", "$"],
];
const percentBehind = /^\s?(?:\\?%|(?:percent(?:age)?|pct)\b)/;

/** Every formula in a text, in order. A $ that is money opens none. */
export function formulas(text: string): Found[] {
  const found: Found[] = [];
  for (let at = nextDelimiter(text, 0); at >= 0;) {
    const [open, close] = delimiters.find(([start]) => text.startsWith(start, at))!;
    const start = at + open.length;
    const end = closing(text, start, open, close);
    const isInline = open === "$" || open === "\\(";
    const inside = end < 0 ? "" : text.slice(start, end);
    if (end < 0 || (isInline && inside.includes("\n")) || (open === "$" && isMoney(inside))) {
      at = nextDelimiter(text, start);
      continue;
    }
    const part = foundAt(text, start, end);
    const after = end + close.length;
    const percent = percentBehind.exec(text.slice(after, after + 14));
    if (part.answer !== "") {
      found.push(
        percent ? { ...part, answer: `${part.answer}${percent[0].trim() && " \\%"}` } : part,
      );
    }
    at = nextDelimiter(text, after);
  }
  return found;
}

function nextDelimiter(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === "$") return at;
    if (character !== "\\") continue;
    const next = text[at + 1];
    if (next === "[" || next === "(") return at;
    at++;
  }
  return -1;
}

/** Where a formula closes; nowhere if another one opens first. */
function closing(text: string, from: number, open: string, close: string): number {
  for (let at = from; at < text.length; at++) {
    if (text.startsWith(close, at)) return at;
    if (text.startsWith(open, at)) return -1;
    if (text[at] === "\\") at++;
  }
  return -1;
}

/** "$5 and " or "$5 + " between two amounts of money. */
function isMoney(inside: string): boolean {
  if (/^\d[\d,.]*\s?[-+*×÷=/−–]\s?$/.test(inside)) return true;
  return /^\d[\d,.]*\s.*[\s(]$/.test(inside) && /(?<![\\A-Za-z])[A-Za-z]{2,}/.test(inside);
}
