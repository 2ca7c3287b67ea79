// What a finder hands back: an answer and where it stands.

export interface Found {
  readonly answer: string;
  /** Where the answer begins in the text that was searched. */
  readonly start: number;
  /** Where it ends, exclusive. */
  readonly end: number;
}

/** Looks for an answer in the text after the reasoning. */
export type Finder = (text: string) => Found | undefined;

/** The part of a text, without white space at its ends. */
export function foundAt(text: string, start: number, end: number): Found {
  while (start < end && /\s/.test(text[start]!)) start++;
  while (end > start && /\s/.test(text[end - 1]!)) end--;
  return { answer: text.slice(start, end), start, end };
}

/** Answers that belong together, such as $1$ and $2$, become one list. */
export function joined(text: string, parts: readonly Found[]): Found | undefined {
  const last = parts.at(-1);
  if (last === undefined) return undefined;
  let first = parts.length - 1;
  while (first > 0 && isConnection(text.slice(parts[first - 1]!.end, parts[first]!.start))) first--;
  if (first === parts.length - 1) return last;
  const run = parts.slice(first);
  const answer = run.map((part) => part.answer).join(", ");
  return { answer, start: run[0]!.start, end: last.end };
}

/** "and", "or", commas and the delimiters of mathematics; no sentence in between. */
function isConnection(gap: string): boolean {
  if (gap.length > 80) return false;
  const bare = gap.replace(
    /\\(?:text|quad|qquad|boxed|fbox|mbox)\b|\\[()[\],;: ]|[${}\s,;&*]|\b(?:and|or|as well as)\b/g,
    "",
  );
  return bare === "" && /and|or|,|;|&/.test(gap);
}
