// How long a completion is. Tokens are what is paid for, so they are the default; a missing token list is
// a mistake in the training loop, not a property of the completion, and is told at once.

import type { RewardContext } from "../reward.ts";

export type LengthOf = (completion: string, context: RewardContext) => number;

export const tokenCount: LengthOf = (_completion, { tokenIds }) => {
  if (tokenIds === undefined) {
    throw new TypeError(
      "length: expected the completion's tokens in context.tokenIds, got none. " +
        "Pass them, or count otherwise: { length: characterCount }.",
    );
  }
  return tokenIds.length;
};

/** Unicode code points, as Python's len counts. */
export const characterCount: LengthOf = (completion) => {
  let count = 0;
  for (const _ of completion) count++;
  return count;
};
