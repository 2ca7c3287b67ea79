// Python's regular expressions and strings where JavaScript's differ, as far as the definitions of others
// depend on them, written as searches that take linear time whatever the text.

/** Whether `$` of re.MULTILINE holds at an index: the end, or before a line feed. */
export function isLineEnd(text: string, at: number): boolean {
  return at === text.length || text[at] === "\n";
}

/**
 * Python's re.match(r"^A.*?B.*?C$", DOTALL | MULTILINE) for literal parts: the first at the start, the rest
 * in order, the last at the end of any line.
 */
export function matchesInOrder(text: string, parts: readonly string[]): boolean {
  const [first, ...rest] = parts;
  if (!text.startsWith(first!)) return false;
  const last = rest.pop();
  let at = first!.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  if (last === undefined) return true;
  for (let found = text.indexOf(last, at); found >= 0; found = text.indexOf(last, found + 1)) {
    if (isLineEnd(text, found + last.length)) return true;
  }
  return false;
}

// What str.split() splits at beside Unicode's white space.
const informationSeparators = ["\u001c", "\u001d", "\u001e", "\u001f"];

/** Python's text.split(). */
export function pythonSplit(text: string): string[] {
  const spaced = informationSeparators.reduce((all, sign) => all.replaceAll(sign, " "), text);
  return spaced.split(/\p{White_Space}+/u).filter((word) => word !== "");
}

/** 1 − different / all of the n-grams; undefined where there is none. */
export function repeatedNgrams(
  items: readonly (string | number)[],
  size: number,
): number | undefined {
  const total = items.length - size + 1;
  if (total <= 0) return undefined;
  const seen = new Set<string>();
  for (let i = 0; i < total; i++) seen.add(JSON.stringify(items.slice(i, i + size)));
  return 1 - seen.size / total;
}

/** Python's re.findall(r"```LANGUAGE\n(.*?)```", DOTALL)[-1] or "": an aliased or unclosed fence is none. */
export function lastFence(text: string, language: string): string {
  const open = `\`\`\`${language}\n`;
  let code = "";
  for (let at = text.indexOf(open); at >= 0;) {
    const start = at + open.length;
    const end = text.indexOf("```", start);
    if (end < 0) break;
    code = text.slice(start, end);
    at = text.indexOf(open, end + 3);
  }
  return code;
}
