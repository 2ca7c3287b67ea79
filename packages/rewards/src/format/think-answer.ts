// R1-Zero's format: the reasoning in <think>…</think>, then the answer in <answer>…</answer>, each tag
// once and in this order (DeepSeek-R1 Table 1, §2.2.2).

import type { Reward } from "../reward.ts";
import { taggedFormat } from "./tagged.ts";

export interface ThinkAnswerOptions {
  /** The prompt ends with `<think>`, so the completion starts inside the reasoning. Default false. */
  readonly prefilledThink?: boolean;
  /** A quarter for each tag that stands where it should, instead of all or nothing. Default false. */
  readonly partial?: boolean;
  /** Whether a reasoning of white space only is accepted. Default false. */
  readonly allowEmptyThink?: boolean;
}

/** Rewards completions of the form <think>reasoning</think><answer>answer</answer>. */
export function thinkAnswerFormat({
  prefilledThink = false,
  partial = false,
  allowEmptyThink = false,
}: ThinkAnswerOptions = {}): Reward {
  return taggedFormat({
    tags: ["think", "answer"],
    prefilled: prefilledThink,
    partial,
    mayBeEmpty: allowEmptyThink ? ["think"] : [],
  });
}
