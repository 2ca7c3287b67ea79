// The prose of a text: what is left without code, mathematics, tags, links and numbers. One pass, every
// search for a closing mark happens at most once in vain, so the time is linear in the text.

interface Mark {
  readonly open: string;
  readonly close: string;
}

// Longer marks first: "$$" before "$", "```" before "`".
const marks: readonly Mark[] = [
  { open: "```", close: "```" },
  { open: "~~~", close: "~~~" },
  { open: "$$", close: "$$" },
  { open: "\\(", close: "\\)" },
  { open: "\\[", close: "\\]" },
  { open: "\\begin{", close: "\\end{" },
  { open: "`", close: "`" },
  { open: "$", close: "$" },
];

/** The text with everything that is not prose replaced by a space. */
export function proseOf(text: string): string {
  const kept: string[] = [];
  const unclosed = new Set<string>();
  let from = 0;
  let at = 0;
  while (at < text.length) {
    const end = endOfSpan(text, at, unclosed);
    if (end === undefined) {
      at++;
      continue;
    }
    kept.push(text.slice(from, at));
    from = at = end;
  }
  kept.push(text.slice(from));
  return kept.join(" ").replace(/<\/?[A-Za-z][\w-]{0,30}>|https?:\/\/\S+|\\[A-Za-z]+/g, " ");
}

const openers = new Set(marks.map(({ open }) => open[0]));

/** Where the code or mathematics that starts at `at` ends; undefined if none starts there. */
function endOfSpan(text: string, at: number, unclosed: Set<string>): number | undefined {
  if (!openers.has(text[at])) return undefined;
  const mark = marks.find(({ open }) => text.startsWith(open, at));
  if (mark === undefined || unclosed.has(mark.close)) return undefined;
  const close = text.indexOf(mark.close, at + mark.open.length);
  if (close < 0) {
    unclosed.add(mark.close);
    // An unclosed fence is code to the end; a lone $ or ` is a character.
    return mark.open.length === 3 ? text.length : undefined;
  }
  const end = close + mark.close.length;
  if (mark.open === "\\begin{") {
    const brace = text.indexOf("}", end);
    return brace < 0 ? text.length : brace + 1;
  }
  return end;
}
