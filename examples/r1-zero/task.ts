// The task: add a few two-digit numbers. A model this small cannot do it in one step; writing down the
// partial sums makes each step easy. So thinking pays, and whether an answer is right is a rule.

import type { Problem } from "@sixtyone/grpo";
import { mulberry32 } from "./random.ts";

/** How many numbers a problem may have; the base model has seen sums of all these sizes. */
export const taskSizes = { min: 2, max: 5, default: 4 } as const;

export type Addends = readonly number[];

/** "47+86+12+55=": what the model reads. */
export function promptOf(addends: Addends): string {
  return `${addends.join("+")}=`;
}

export function answerOf(addends: Addends): number {
  return addends.reduce((sum, x) => sum + x, 0);
}

/**
 * The split is by problem: one in eight problems, by a hash of its numbers whatever their order, is held
 * out. Pre-training and RL draw from the others only.
 */
export function isHeldOut(addends: Addends): boolean {
  const key = [...addends].sort((a, b) => a - b).join("+");
  let hash = 0x811c9dc5; // FNV-1a
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  // FNV's low bits are weak on short keys: mix before taking three of them.
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) & 7) === 0;
}

export type Split = "train" | "held-out";

/** An endless supply of random problems of one split. */
export function* problems(seed: number, size: number, split: Split): Generator<Addends, never> {
  const random = mulberry32(seed);
  for (;;) {
    const addends = Array.from({ length: size }, () => 10 + Math.floor(random() * 90));
    if (isHeldOut(addends) === (split === "held-out")) yield addends;
  }
}

/** The first `count` of an endless supply, each problem once. */
export function distinctProblems(source: Generator<Addends>, count: number): Addends[] {
  const seen = new Map<string, Addends>();
  while (seen.size < count) {
    const addends = source.next().value as Addends;
    seen.set(promptOf(addends), addends);
  }
  return [...seen.values()];
}

export function toProblem(addends: Addends): Problem {
  return { prompt: promptOf(addends), context: { gold: String(answerOf(addends)) } };
}
