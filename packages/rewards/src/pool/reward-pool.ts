// Rewards in workers, with a watchdog outside: whatever a completion makes a reward do, its row ends in time
// with the verdict "timeout" and the others go on. The grader of mathematics has a budget of steps and does
// not need it to end; a pool is its second wall, and uses more than one processor.

import type { GradeMathOptions, MathGrade } from "../math/grade.ts";
import type { MathVerdict } from "../math/verify.ts";
import { defineReward, type Reward, type RewardDetail } from "../reward.ts";
import { defaultWorkers, fileBeside, isNode, threadHost, webHost } from "../workers/host.ts";
import { WorkerPool } from "../workers/pool.ts";
import type {
  AboutReward,
  RewardItem,
  RewardJob,
  RewardOutcome,
  RewardSource,
} from "./reward-job.ts";

export interface RewardPoolOptions {
  /** Workers that run at the same time. Default: half the processors, 1 to 4. */
  readonly workers?: number;
  /** For one completion, or for one group. Default 5000. */
  readonly timeoutMs?: number;
  /** The reward when time runs out. Default 0. */
  readonly onTimeout?: number | null;
  /** How long a worker may take to start. Default 60,000. */
  readonly startTimeoutMs?: number;
}

/** A reward that runs in workers; always asynchronous. */
export interface PooledReward extends Reward {
  /** Starts the workers before they are needed. */
  warm(): Promise<void>;
  /** Ends the workers. */
  close(): void;
}

export interface MathPoolOptions extends RewardPoolOptions, GradeMathOptions {
  /** The name in metrics. Default "accuracy". */
  readonly rewardName?: string;
}

/** How long it took in the worker, in milliseconds. */
export interface Timed {
  readonly ms: number;
}

export interface MathPool extends PooledReward {
  /** `gradeMath` in a worker. */
  grade(gold: string, completion: string): Promise<MathGrade & Timed>;
  /** `verifyMath` in a worker. */
  verify(gold: string, answer: string): Promise<MathVerdict & Timed>;
}

/**
 * Accuracy in mathematics (`mathReward`), in workers. Throws TypeError for finders that are functions, which
 * cannot be sent to a worker: `rewardPool` takes a module that has them.
 */
export function mathPool({
  workers,
  timeoutMs,
  onTimeout,
  startTimeoutMs,
  rewardName = "accuracy",
  ...options
}: MathPoolOptions = {}): MathPool {
  if (options.finders?.some((finder) => typeof finder === "function")) {
    throw new TypeError(
      "mathPool: expected names of finders, got a function, which cannot be sent to a worker. " +
        "Put the reward into a module and use rewardPool.",
    );
  }
  const crew = new Crew(
    { kind: "math", options },
    { workers, timeoutMs, onTimeout, startTimeoutMs },
  );
  const judge = async (item: RewardItem): Promise<RewardDetail & Timed> => {
    const { details, ms } = await crew.judge(item);
    return { ...details[0]!, ms };
  };
  const reward = defineReward(rewardName, async (completion, context) => {
    const { details } = await crew.judge({ kind: "completion", completion, context });
    return details[0]!;
  });
  return Object.assign(reward, {
    grade: async (gold: string, completion: string) =>
      graded(await judge({ kind: "completion", completion, context: { gold } })),
    verify: async (gold: string, answer: string) =>
      graded(await judge({ kind: "answer", gold, answer })),
    warm: () => crew.warm(),
    close: () => crew.close(),
  });
}

/** The detail of mathReward without the reward is a grade. */
function graded({ reward: _, ...grade }: RewardDetail & Timed): MathGrade & Timed {
  return grade as unknown as MathGrade & Timed;
}

export interface ModuleOptions extends RewardPoolOptions {
  /** The export that is the reward, or a function that makes it of `options`. Default "default". */
  readonly exportName?: string;
  /** Plain data. */
  readonly options?: unknown;
}

/**
 * Any reward in workers: each imports `module` and takes the reward from it. In browsers the module must be
 * served as a file of its own. Rejects if the module does not load or has no such reward.
 */
export async function rewardPool(
  module: URL | string,
  { exportName = "default", options, ...pool }: ModuleOptions = {},
): Promise<PooledReward> {
  const crew = new Crew({ kind: "module", address: String(module), exportName, options }, pool);
  const { rewardName, hasGroup } = await crew.start();
  const reward = defineReward(
    rewardName,
    async (completion, context) => {
      const { details } = await crew.judge({ kind: "completion", completion, context });
      return details[0]!;
    },
    hasGroup
      ? async (completions, contexts) =>
          (await crew.judge({ kind: "group", completions, contexts })).details
      : undefined,
  );
  return Object.assign(reward, { warm: () => crew.warm(), close: () => crew.close() });
}

interface Judged extends Timed {
  readonly details: readonly RewardDetail[];
}

/** The workers of one pool. */
class Crew {
  readonly #pool: WorkerPool<RewardJob, RewardOutcome>;
  readonly #timeoutMs: number;
  readonly #onTimeout: number | null;

  constructor(
    config: RewardSource,
    {
      workers = defaultWorkers(),
      timeoutMs = 5000,
      onTimeout = 0,
      startTimeoutMs = 60_000,
    }: RewardPoolOptions,
  ) {
    if (!(timeoutMs > 0)) {
      throw new RangeError(`rewardPool: expected timeoutMs above 0, got ${timeoutMs}.`);
    }
    if (!Number.isInteger(workers) || workers < 1) {
      throw new RangeError(`rewardPool: expected a whole number of workers, got ${workers}.`);
    }
    // From the folder above: the command, too, is beside it.
    const startHost = isNode()
      ? threadHost(fileBeside(import.meta.url, "../pool/reward-worker.ts"), { trusted: true })
      : webHost(
          () =>
            new Worker(new URL("../pool/reward-worker.ts", import.meta.url), { type: "module" }),
        );
    const lost = (loss: RewardOutcome): RewardOutcome => loss;
    this.#pool = new WorkerPool({
      startHost,
      config: () => config,
      size: workers,
      startTimeoutMs,
      graceMs: 0,
      lost,
    });
    this.#timeoutMs = timeoutMs;
    this.#onTimeout = onTimeout;
  }

  async start(): Promise<AboutReward> {
    return (await this.#pool.warm(1)) as AboutReward;
  }

  async warm(): Promise<void> {
    await this.#pool.warm();
  }

  close(): void {
    this.#pool.close();
  }

  async judge(item: RewardItem): Promise<Judged> {
    const limits = { timeoutMs: this.#timeoutMs };
    const [outcome] = await this.#pool.run({ items: [item], limits });
    const { ms } = outcome!;
    if (outcome!.status === "ok") return { details: outcome.details, ms };
    if (outcome!.status === "threw") throw new Error(outcome.message);
    const { status, message } = outcome!;
    const count = item.kind === "group" ? item.completions.length : 1;
    const detail: RewardDetail = {
      reward: this.#onTimeout,
      verdict: "timeout",
      reason: status === "timeout" ? `over ${this.#timeoutMs} ms, ended from outside` : message,
    };
    return { details: Array.from({ length: count }, () => detail), ms };
  }
}
