// Advantages from rewards, as pure functions on plain numbers. A reward of null (no reward function
// applied) is left out of the statistics and gets advantage 0, as in TRL.

import { ArgumentError } from "@sixtyone/tensor";

/**
 * "group": (r − mean) / (std + 1e-4), std with Bessel's correction (DeepSeekMath eq. 3 as TRL computes it).
 * "batch": the group's mean, the batch's std. "none": r − mean (Dr. GRPO).
 */
export type ScaleRewards = "group" | "batch" | "none";

const epsilon = 1e-4;

/**
 * Advantages of `rewards`, whose consecutive runs of `groupSize` answer the same prompt. Throws ArgumentError on part
 * of a group, or a reward that is not finite.
 */
export function groupAdvantages(
  rewards: readonly (number | null)[],
  groupSize: number,
  scale: ScaleRewards = "group",
): number[] {
  assertGroups(rewards, groupSize);
  const batchStd = std(rewards);
  return groupsOf(rewards, groupSize).flatMap((group) => {
    const center = mean(group);
    const spread = scale === "group" ? std(group) : batchStd;
    const divisor = scale === "none" ? 1 : spread + epsilon;
    return group.map((r) => (r === null ? 0 : (r - center) / divisor));
  });
}

/** N/(N−1) · (r − mean): each reward against the mean of the others (RLOO, Ahmadian et al. 2024). */
export function leaveOneOutAdvantages(
  rewards: readonly (number | null)[],
  groupSize: number,
): number[] {
  assertGroups(rewards, groupSize);
  return groupsOf(rewards, groupSize).flatMap((group) => {
    const count = group.filter((r) => r !== null).length;
    const factor = count > 1 ? count / (count - 1) : 0;
    const center = mean(group);
    return group.map((r) => (r === null ? 0 : factor * (r - center)));
  });
}

export function groupsOf<T>(values: readonly T[], groupSize: number): T[][] {
  return Array.from({ length: values.length / groupSize }, (_, i) =>
    values.slice(i * groupSize, (i + 1) * groupSize),
  );
}

/** The mean of what is not null; 0 of nothing. */
export function mean(values: readonly (number | null)[]): number {
  const present = values.filter((v) => v !== null);
  return present.length === 0 ? 0 : present.reduce((a, b) => a + b, 0) / present.length;
}

/** The standard deviation with Bessel's correction of what is not null; 0 of fewer than two. */
export function std(values: readonly (number | null)[]): number {
  const present = values.filter((v) => v !== null);
  if (present.length < 2) return 0;
  const center = mean(present);
  return Math.sqrt(present.reduce((sum, v) => sum + (v - center) ** 2, 0) / (present.length - 1));
}

function assertGroups(rewards: readonly (number | null)[], groupSize: number): void {
  const count = rewards.length;
  if (!Number.isInteger(groupSize) || groupSize < 1 || count % groupSize !== 0) {
    throw new ArgumentError(
      `advantages: ${count} rewards do not divide into groups of ${groupSize}. ` +
        `Pass the rewards of whole groups.`,
    );
  }
  const wrong = rewards.findIndex((r) => r !== null && !Number.isFinite(r));
  if (wrong >= 0) {
    throw new ArgumentError(
      `advantages: reward ${wrong} is ${String(rewards[wrong])}; a reward is a finite number, or null where none applies.`,
    );
  }
}
