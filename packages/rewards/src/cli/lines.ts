// Lines of a stream of bytes, at line feeds only: what Node's readline also splits at, U+2028 for instance,
// may stand inside a JSON string. A line is never kept beyond a limit, so any file can be read.

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Undefined if the line is longer than the limit. */
  readonly text: string | undefined;
}

export const maxLineCharacters: number = 64 * 2 ** 20;

export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  limit: number = maxLineCharacters,
): AsyncGenerator<Line> {
  const decoder = new TextDecoder();
  let number = 1;
  let parts: string[] = [];
  let length = 0;
  const take = (): Line => {
    const text = length > limit ? undefined : parts.join("").replace(/\r$/, "");
    parts = [];
    length = 0;
    return { number: number++, text };
  };
  const add = (part: string): void => {
    length += part.length;
    if (length <= limit) parts.push(part);
    else parts = [];
  };
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", start)) {
      add(text.slice(start, at));
      yield take();
      start = at + 1;
    }
    add(text.slice(start));
  }
  add(decoder.decode());
  if (length > 0) yield take();
}
