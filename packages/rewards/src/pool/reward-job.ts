// What a pool of rewards sends to its workers and what comes back.

import type { GradeMathOptions } from "../math/grade.ts";
import type { RewardContext, RewardDetail } from "../reward.ts";
import type { Job } from "../workers/messages.ts";

/** Where a worker finds the reward. */
export type RewardSource =
  | { readonly kind: "math"; readonly options: GradeMathOptions }
  | {
      readonly kind: "module";
      readonly address: string;
      readonly exportName: string;
      readonly options?: unknown;
    };

export type RewardItem =
  | {
      readonly kind: "completion";
      readonly completion: string;
      readonly context: RewardContext;
    }
  | {
      readonly kind: "group";
      readonly completions: readonly string[];
      readonly contexts: readonly RewardContext[];
    }
  /** A bare answer; mathematics only. */
  | { readonly kind: "answer"; readonly gold: string; readonly answer: string };

export interface RewardJob extends Job {
  readonly items: readonly RewardItem[];
}

export type RewardOutcome =
  | {
      readonly status: "ok";
      /** One, or one for each completion of a group. */
      readonly details: readonly RewardDetail[];
      readonly ms: number;
    }
  /** The reward threw: a defect of its own. */
  | { readonly status: "threw"; readonly message: string; readonly ms: number }
  /** The worker did not survive it. */
  | { readonly status: "timeout" | "error"; readonly message: string; readonly ms: number };

/** What a worker says when it is ready. */
export interface AboutReward {
  readonly rewardName: string;
  readonly hasGroup: boolean;
}
