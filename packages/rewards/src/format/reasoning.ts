// Splits a completion into its reasoning and what the reader sees. Only what follows the last closing tag
// counts as an answer: an answer inside the reasoning is a guess, not a reply.

export interface ReasoningOptions {
  /** The prompt ends with the opening tag, so the completion starts inside the reasoning. Default false. */
  readonly prefilledThink?: boolean;
  /** The name of the tag. Default "think". */
  readonly tag?: string;
}

export interface SplitCompletion {
  /** Between the first opening and the last closing tag; "" where there is none. */
  readonly reasoning: string;
  /** After the last closing tag; everything where there is no reasoning; "" where it never closes. */
  readonly visible: string;
  /** Whether the reasoning was closed. */
  readonly closed: boolean;
}

export function splitReasoning(
  completion: string,
  { prefilledThink = false, tag = "think" }: ReasoningOptions = {},
): SplitCompletion {
  const opening = `<${tag}>`;
  const closing = `</${tag}>`;
  const open = completion.indexOf(opening);
  const close = completion.lastIndexOf(closing);
  if (close < 0) {
    if (open < 0 && !prefilledThink) return { reasoning: "", visible: completion, closed: false };
    const start = open < 0 ? 0 : open + opening.length;
    return { reasoning: completion.slice(start), visible: "", closed: false };
  }
  // A closing tag without an opening one is what a completion of a pre-filled template looks like.
  const start = open >= 0 && open < close ? open + opening.length : 0;
  const after = completion.slice(close + closing.length);
  // Reasoning that is opened again and never closed is no answer either.
  const reopened = after.indexOf(opening);
  return {
    reasoning: completion.slice(start, close),
    visible: reopened < 0 ? after : after.slice(0, reopened),
    closed: true,
  };
}
