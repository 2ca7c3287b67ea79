// What a reward is: a named function of a completion and its context. It never throws on a bad
// completion; null means that it does not apply (for instance a gold answer it cannot read).

export type Verdict = "correct" | "wrong" | "no-answer" | "gold-unparsable" | "timeout";

export interface RewardContext {
  readonly prompt?: string;
  /** The reference answer. */
  readonly gold?: string;
  /** The completion's tokens, for rewards that count them. */
  readonly tokenIds?: readonly number[];
  readonly [key: string]: unknown;
}

export interface RewardDetail {
  readonly reward: number | null;
  readonly verdict?: Verdict;
  /** The answer found in the completion. */
  readonly extracted?: string;
  /** Why, in a sentence. */
  readonly reason?: string;
  readonly [key: string]: unknown;
}

export interface Reward {
  (completion: string, context: RewardContext): number | null | Promise<number | null>;
  /** As it appears in metrics: rewards/{rewardName}/mean. */
  readonly rewardName: string;
  /** The same judgement with its reasons. */
  detail(completion: string, context: RewardContext): RewardDetail | Promise<RewardDetail>;
  /** Judges the completions of one prompt together, where they are compared with each other. */
  group?(
    completions: readonly string[],
    contexts: readonly RewardContext[],
  ): readonly RewardDetail[] | Promise<readonly RewardDetail[]>;
}

/** A reward from its detailed form. */
export function defineReward(
  rewardName: string,
  detail: Reward["detail"],
  group?: Reward["group"],
): Reward {
  const reward = (
    completion: string,
    context: RewardContext,
  ): number | null | Promise<number | null> => {
    const result = detail(completion, context);
    return result instanceof Promise ? result.then((r) => r.reward) : result.reward;
  };
  return Object.assign(reward, { rewardName, detail, ...(group && { group }) });
}

/** Applies `next` to a value or to what a promise brings, without making a plain value wait. */
export function whenKnown<A, B>(value: A | Promise<A>, next: (value: A) => B): B | Promise<B> {
  return value instanceof Promise ? value.then(next) : next(value);
}
