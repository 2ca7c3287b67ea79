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

/** The last answer and those right before it that belong to it, such as $1$ and $2$, as one list. */
export function joined(text: string, parts: readonly Found[]): Found | undefined {
  let first = parts.length - 1;
  while (first > 0 && isConnection(text.slice(parts[first - 1]!.end, parts[first]!.start))) first--;
  return listOf(parts.slice(Math.max(0, first)));
}

/** The same for the first answer and those right after it. */
export function joinedToFirst(text: string, parts: readonly Found[]): Found | undefined {
  let end = 1;
  while (end < parts.length && isConnection(text.slice(parts[end - 1]!.end, parts[end]!.start)))
    end++;
  return listOf(parts.slice(0, end));
}

function listOf(parts: readonly Found[]): Found | undefined {
  if (parts.length <= 1) return parts[0];
  const answer = parts.map((part) => part.answer).join(", ");
  return { answer, start: parts[0]!.start, end: parts.at(-1)!.end };
}

const conclusions =
  /\b(?:so|therefore|thus|hence|then|which|is|gives?|but|not|wait|actually|since|because)\b/i;

/** "and", "or", a comma and few words; no new sentence and nothing concluded in between. */
function isConnection(between: string): boolean {
  const marks = /[{}$]|\\(?:boxed|fbox|text|quad|qquad)\b|\\[()]| +/g;
  const gap = between.replace(marks, " ").replace(/ +/g, " ");
  if (gap.length > 70 || /[.!?]\s|\n\s*\n/.test(gap) || conclusions.test(gap)) return false;
  if (/\band\b|\bor\b|[,;&]/.test(gap)) return true;
  return gap.length <= 10 && !/[\p{L}=]/u.test(gap);
}
