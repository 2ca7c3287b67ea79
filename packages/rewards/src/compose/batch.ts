// Many completions at once, with a limit on how many are judged at the same time and on how long each may
// take. A reward that throws or hangs costs its own row only.

import { defineReward, type Reward, type RewardContext, type RewardDetail } from "../reward.ts";
import { groupDetails } from "./combine.ts";

export interface TimeoutOptions {
  /** The reward when time runs out. Default 0. */
  readonly onTimeout?: number | null;
}

/**
 * The same reward, which gives the verdict "timeout" when a promise takes longer than `timeoutMs`. A reward
 * that computes without awaiting cannot be interrupted here: run it in a pool (`@sixtyone/rewards/pool`).
 */
export function withTimeout(
  reward: Reward,
  timeoutMs: number,
  { onTimeout = 0 }: TimeoutOptions = {},
): Reward {
  if (!(timeoutMs > 0)) {
    throw new RangeError(`withTimeout: expected timeoutMs above 0, got ${timeoutMs}.`);
  }
  const late: RewardDetail = {
    reward: onTimeout,
    verdict: "timeout",
    reason: `no reward within ${timeoutMs} ms`,
  };
  const limited = <T>(work: T | Promise<T>, otherwise: T): T | Promise<T> =>
    work instanceof Promise ? race(work, timeoutMs, otherwise) : work;
  const { group } = reward;
  return defineReward(
    reward.rewardName,
    (completion, context) => limited(reward.detail(completion, context), late),
    group &&
      ((completions, contexts) =>
        limited<readonly RewardDetail[]>(
          group(completions, contexts),
          completions.map(() => late),
        )),
  );
}

/** Beyond it timers fire at once. */
const longestTimer = 2 ** 31 - 1;

async function race<T>(work: Promise<T>, timeoutMs: number, otherwise: T): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const alarm = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), Math.min(timeoutMs, longestTimer));
  });
  try {
    return await Promise.race([work, alarm]);
  } finally {
    clearTimeout(timer);
  }
}

export interface BatchOptions extends TimeoutOptions {
  /** Consecutive completions that answer the same prompt. Default 1; rewards that compare need it. */
  readonly groupSize?: number;
  /** Groups judged at the same time. Default 16. */
  readonly concurrency?: number;
  /**
   * For one group, what waits for a sandbox included. Default 600,000: long, so that it only ends what would
   * never end; rewards have limits of their own.
   */
  readonly timeoutMs?: number;
}

/** The details of many completions, in their order. `contexts` may be one for all. */
export async function rewardBatch(
  reward: Reward,
  completions: readonly string[],
  contexts: readonly RewardContext[] | RewardContext,
  { groupSize = 1, concurrency = 16, timeoutMs = 600_000, onTimeout = 0 }: BatchOptions = {},
): Promise<RewardDetail[]> {
  const contextOf = (i: number): RewardContext => (isContexts(contexts) ? contexts[i]! : contexts);
  if (isContexts(contexts) && contexts.length !== completions.length) {
    throw new RangeError(
      `rewardBatch: expected one context a completion (${completions.length}) or one for all, got ${contexts.length}.`,
    );
  }
  if (!Number.isInteger(groupSize) || groupSize < 1 || completions.length % groupSize !== 0) {
    throw new RangeError(
      `rewardBatch: ${completions.length} completions do not divide into groups of ${groupSize}.`,
    );
  }
  const limited = withTimeout(reward, timeoutMs, { onTimeout });
  const results: RewardDetail[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < completions.length) {
      const start = next;
      next += groupSize;
      const members = completions.slice(start, start + groupSize);
      const their = members.map((_, i) => contextOf(start + i));
      const details = await groupDetails(limited, members, their).catch((error: unknown) =>
        members.map(() => failed(error)),
      );
      details.forEach((detail, i) => (results[start + i] = detail));
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, concurrency) }, work));
  return results;
}

function isContexts(
  value: readonly RewardContext[] | RewardContext,
): value is readonly RewardContext[] {
  return Array.isArray(value);
}

/** A reward that throws is a defect, not a bad completion: it does not count, and it says so. */
function failed(error: unknown): RewardDetail {
  return { reward: null, reason: `the reward threw: ${String(error)}`, error };
}
