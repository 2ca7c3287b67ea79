// Finds literal tags in a text in one pass: no regular expression, so nothing to backtrack in, whatever
// the text. Tags are exact: <think> is one, <Think> and <think > are not.

export interface FoundTag {
  /** As written, for instance "</think>". */
  readonly tag: string;
  readonly start: number;
}

/** `["think", "answer"]` to `["<think>", "</think>", "<answer>", "</answer>"]`. */
export function tagPairs(names: readonly string[]): string[] {
  for (const name of names) {
    if (!/^[A-Za-z_][\w.:-]*$/.test(name)) {
      throw new RangeError(
        `tags: expected names such as "think", got ${JSON.stringify(name)}. Leave out < and >.`,
      );
    }
  }
  return names.flatMap((name) => [`<${name}>`, `</${name}>`]);
}

/** Every occurrence of one of `tags` in order. */
export function findTags(text: string, tags: readonly string[]): FoundTag[] {
  const found: FoundTag[] = [];
  for (let at = text.indexOf("<"); at >= 0; at = text.indexOf("<", at + 1)) {
    const tag = tags.find((candidate) => text.startsWith(candidate, at));
    if (tag !== undefined) found.push({ tag, start: at });
  }
  return found;
}

/** How often `part` stands in `text`, without overlaps. */
export function countOf(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++;
  return count;
}
