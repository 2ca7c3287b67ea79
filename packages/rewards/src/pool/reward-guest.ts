// Inside a worker of a pool of rewards: finds the reward, judges one item after the other.

import type { GradeMathOptions } from "../math/grade.ts";
import { mathReward } from "../math/math-reward.ts";
import { verifyMath } from "../math/verify.ts";
import type { Reward, RewardDetail } from "../reward.ts";
import type { Guest } from "../workers/messages.ts";
import type {
  AboutReward,
  RewardItem,
  RewardJob,
  RewardOutcome,
  RewardSource,
} from "./reward-job.ts";

type Judge = (item: RewardItem) => Promise<readonly RewardDetail[]>;

export async function startReward(source: RewardSource): Promise<Guest<RewardJob, RewardOutcome>> {
  const reward = source.kind === "math" ? mathReward(source.options) : await rewardOfModule(source);
  const judge = judgeWith(reward, source.kind === "math" ? source.options : undefined);
  const about: AboutReward = {
    rewardName: reward.rewardName,
    hasGroup: reward.group !== undefined,
  };
  return {
    about,
    async run({ items }, report) {
      for (const [index, item] of items.entries()) {
        const started = performance.now();
        try {
          const details = await judge(item);
          report(index, { status: "ok", details, ms: performance.now() - started });
        } catch (error) {
          const message = error instanceof Error ? error.message : String(error);
          report(index, { status: "threw", message, ms: performance.now() - started });
        }
      }
      return false;
    },
  };
}

function judgeWith(reward: Reward, math: GradeMathOptions | undefined): Judge {
  return async (item) => {
    if (item.kind === "completion") return [await reward.detail(item.completion, item.context)];
    if (item.kind === "group") return reward.group!(item.completions, item.contexts);
    const { gold, answer } = item;
    return [{ reward: null, ...verifyMath(gold, answer, math), extracted: answer.trim() }];
  };
}

async function rewardOfModule({
  address,
  exportName,
  options,
}: Extract<RewardSource, { kind: "module" }>): Promise<Reward> {
  const module = (await import(/* @vite-ignore */ /* webpackIgnore: true */ address)) as Readonly<
    Record<string, unknown>
  >;
  const exported = module[exportName];
  if (isReward(exported)) return exported;
  if (typeof exported === "function") {
    const made: unknown = await (exported as (options: unknown) => unknown)(options);
    if (isReward(made)) return made;
  }
  throw new TypeError(
    `expected ${exportName} of ${address} to be a reward or a function that makes one, got ${typeof exported}`,
  );
}

function isReward(value: unknown): value is Reward {
  return typeof value === "function" && "rewardName" in value && "detail" in value;
}
