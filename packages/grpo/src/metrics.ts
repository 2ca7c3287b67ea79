// Metrics of one step under TRL's names (GRPOTrainer, `log`), so that curves can be laid beside its curves.

import { groupsOf, mean, std } from "./advantages.ts";

export type Metrics = Readonly<Record<string, number>>;

export interface CompletionStatistics {
  readonly lengths: readonly number[];
  readonly terminated: readonly boolean[];
}

/** completions/*: lengths in tokens, of all and of those that ended by themselves. */
export function completionMetrics({ lengths, terminated }: CompletionStatistics): Metrics {
  const ended = lengths.filter((_, i) => terminated[i]);
  const of = (prefix: string, values: readonly number[]): Metrics => ({
    [`completions/mean_${prefix}length`]: mean(values),
    [`completions/min_${prefix}length`]: values.length > 0 ? Math.min(...values) : 0,
    [`completions/max_${prefix}length`]: values.length > 0 ? Math.max(...values) : 0,
  });
  return {
    ...of("", lengths),
    ...of("terminated_", ended),
    "completions/clipped_ratio": 1 - ended.length / lengths.length,
  };
}

export interface RewardStatistics {
  /** Weighted sums, one per completion; null where no reward applied. */
  readonly total: readonly (number | null)[];
  /** Each reward function's values by its name. */
  readonly byName: Readonly<Record<string, readonly (number | null)[]>>;
  readonly groupSize: number;
}

/** reward, reward_std, frac_reward_zero_std and rewards/{name}/mean and /std. */
export function rewardMetrics({ total, byName, groupSize }: RewardStatistics): Metrics {
  const groups = groupsOf(total, groupSize);
  const metrics: Record<string, number> = {
    reward: mean(total),
    reward_std: std(total),
    frac_reward_zero_std: groups.filter((group) => std(group) === 0).length / groups.length,
  };
  for (const [name, values] of Object.entries(byName)) {
    metrics[`rewards/${name}/mean`] = mean(values);
    metrics[`rewards/${name}/std`] = std(values);
  }
  return metrics;
}
