// DAPO's soft overlong punishment (arXiv 2503.14476 eq. 13): nothing up to maxLength − buffer, then a
// straight line down to −1 at maxLength, and −1 beyond.

import { defineReward, type Reward, type RewardDetail } from "../reward.ts";
import { tokenCount, type LengthOf } from "./measure.ts";

export interface SoftOverlongOptions {
  /** L_max, in what `length` counts. */
  readonly maxLength: number;
  /** L_cache: over how much the punishment grows. 0 is a step at maxLength. */
  readonly buffer: number;
  /** Default tokenCount. */
  readonly length?: LengthOf;
}

export function softOverlongValue(measured: number, maxLength: number, buffer: number): number {
  const free = maxLength - buffer;
  if (measured <= free) return 0;
  return measured <= maxLength ? (free - measured) / buffer : -1;
}

export function softOverlong({
  maxLength,
  buffer,
  length = tokenCount,
}: SoftOverlongOptions): Reward {
  if (!(buffer >= 0 && buffer <= maxLength)) {
    throw new RangeError(
      `softOverlong: expected 0 ≤ buffer ≤ maxLength, got buffer ${buffer} and maxLength ${maxLength}.`,
    );
  }
  return defineReward("soft_overlong", (completion, context): RewardDetail => {
    const measured = length(completion, context);
    const reward = softOverlongValue(measured, maxLength, buffer);
    return { reward, reason: `length ${measured} of ${maxLength}` };
  });
}
