// The GRPO trainer (DeepSeekMath §4.1; TRL's GRPOTrainer for names and defaults): sample a group of
// completions for each prompt, reward them, and move the policy towards the better half of each group.
//
// A "step" here is one rollout with its updates: numIterations passes over it, each one optimizer step.

import {
  AdamW,
  ArgumentError,
  Generator,
  noGrad,
  tensor,
  yieldToHost,
  type AdamWState,
  type Device,
  type GeneratorState,
  type Schedule,
  type Tensor,
} from "@sixtyone/tensor";
import type { Reward, RewardContext } from "@sixtyone/rewards";
import { groupAdvantages, type ScaleRewards } from "./advantages.ts";
import { batchSequences, type Sequence } from "./batch.ts";
import { grpoLoss, type LossType } from "./loss.ts";
import { completionMetrics, rewardMetrics, type Metrics } from "./metrics.ts";
import type { Policy, Scorer, Tokenizer } from "./policy.ts";

export interface Problem {
  readonly prompt: string;
  /** What the rewards judge by, for instance `{ gold: "42" }`. */
  readonly context: RewardContext;
}

export interface GrpoOptions {
  readonly policy: Policy;
  readonly tokenizer: Tokenizer;
  readonly rewards: readonly Reward[];
  /** One per reward. Default: all 1. */
  readonly rewardWeights?: readonly number[];
  /** Completions per prompt (G). Default 8. */
  readonly numGenerations?: number;
  /** In tokens. Default 512. */
  readonly maxCompletionLength?: number;
  /** Of sampling and of the trained policy alike. Default 1. */
  readonly temperature?: number;
  /** Default 1e-6. */
  readonly learningRate?: number;
  /** Factor on the learning rate by step. Default: constant. */
  readonly schedule?: Schedule;
  /** Weight of the KL term. Default 0. */
  readonly beta?: number;
  /** What the KL term holds on to. Required where beta > 0. */
  readonly reference?: Scorer;
  /** Clipping range. Default 0.2; epsilonHigh defaults to epsilon. */
  readonly epsilon?: number;
  readonly epsilonHigh?: number;
  /** Default "dapo", as in TRL. */
  readonly lossType?: LossType;
  /** Default "group". */
  readonly scaleRewards?: ScaleRewards;
  /** Optimizer steps per rollout. Default 1. */
  readonly numIterations?: number;
  /** Sequences per forward and backward pass; gradients add up. Default: all at once. */
  readonly microBatchSize?: number;
  /** Default 1. */
  readonly maxGradNorm?: number;
  /** Default 0. */
  readonly weightDecay?: number;
  readonly betas?: readonly [number, number];
  /** Seeds sampling. Default 0. */
  readonly seed?: number;
  /**
   * Sees each group's rewards before the advantages are computed and may replace them. A control run
   * shuffles them here: what the policy is told then says nothing about what it did.
   */
  readonly transformRewards?: (rewards: readonly (number | null)[]) => readonly (number | null)[];
}

export interface Sample extends Sequence {
  readonly problem: Problem;
  readonly text: string;
  readonly reward: number | null;
  readonly advantage: number;
}

export interface StepResult {
  readonly metrics: Metrics;
  readonly samples: readonly Sample[];
}

export interface TrainerState {
  readonly step: number;
  readonly tokens: number;
  readonly optimizer: AdamWState;
  readonly generator: GeneratorState;
}

type Settings = Required<
  Omit<
    GrpoOptions,
    "reference" | "epsilonHigh" | "microBatchSize" | "transformRewards" | "schedule"
  >
>;

export class GrpoTrainer {
  readonly device: Device;
  readonly optimizer: AdamW;
  readonly #options: GrpoOptions;
  readonly #settings: Settings;
  #generator: Generator;
  #step = 0;
  #tokens = 0;

  constructor(options: GrpoOptions) {
    const settings: Settings = {
      rewardWeights: options.rewards.map(() => 1),
      numGenerations: 8,
      maxCompletionLength: 512,
      temperature: 1,
      learningRate: 1e-6,
      beta: 0,
      epsilon: 0.2,
      lossType: "dapo",
      scaleRewards: "group",
      numIterations: 1,
      maxGradNorm: 1,
      weightDecay: 0,
      betas: [0.9, 0.999],
      seed: 0,
      ...given(options),
    };
    checkSettings(settings, options);
    this.#options = options;
    this.#settings = settings;
    this.device = options.policy.device;
    const parameters = [...options.policy.trainableParameters().values()];
    for (const p of parameters) p.requiresGrad_();
    this.optimizer = new AdamW(parameters, {
      learningRate: settings.learningRate,
      weightDecay: settings.weightDecay,
      betas: settings.betas,
    });
    this.#generator = new Generator(this.device, settings.seed);
  }

  /** Steps done. */
  get stepCount(): number {
    return this.#step;
  }

  /**
   * One rollout over `problems` with its updates. An aborted `signal` stops the rollout and leaves everything as
   * it was; updates that have begun are finished.
   */
  async step(problems: readonly Problem[], signal?: AbortSignal): Promise<StepResult> {
    const start = performance.now();
    const { numGenerations: G, numIterations } = this.#settings;
    const before = this.#generator.state();
    const sampled = await this.#sample(problems, signal).catch((error: unknown) => {
      // A step that was not done draws nothing: a run resumed from here goes on as if it had not stopped.
      this.#generator = Generator.restore(this.device, before);
      throw error;
    });
    const advantages = groupAdvantages(sampled.total, G, this.#settings.scaleRewards);
    const samples: Sample[] = sampled.sequences.map((sequence, i) => ({
      ...sequence,
      reward: sampled.total[i]!,
      advantage: advantages[i]!,
    }));
    using scope = this.device.scope();
    const scale = this.#options.schedule?.(this.#step) ?? 1;
    this.optimizer.learningRate = this.#settings.learningRate * scale;
    let update: Metrics = {};
    let old: Tensor[] | undefined;
    for (let iteration = 0; iteration < numIterations; iteration++) {
      // The first pass needs no old log-probabilities: the policy is still the one that sampled.
      if (iteration === 0 && numIterations > 1) old = this.#oldLogProbs(samples);
      update = await this.#update(samples, old);
    }
    scope.end();
    this.#step++;
    this.#tokens += samples.reduce((sum, s) => sum + s.prompt.length + s.completion.length, 0);
    const metrics: Metrics = {
      ...update,
      ...rewardMetrics({ total: sampled.total, byName: sampled.byName, groupSize: G }),
      ...completionMetrics({
        lengths: samples.map((s) => s.completion.length),
        terminated: sampled.terminated,
      }),
      learning_rate: this.optimizer.learningRate,
      num_tokens: this.#tokens,
      step_time: (performance.now() - start) / 1000, // seconds
    };
    return { metrics, samples };
  }

  /** Everything but the parameters that a resumed run needs to go on bit for bit. */
  async state(): Promise<TrainerState> {
    return {
      step: this.#step,
      tokens: this.#tokens,
      optimizer: await this.optimizer.state(),
      generator: this.#generator.state(),
    };
  }

  load(state: TrainerState): void {
    this.optimizer.load(state.optimizer);
    this.#generator = Generator.restore(this.device, state.generator);
    this.#step = state.step;
    this.#tokens = state.tokens;
  }

  dispose(): void {
    this.optimizer.dispose();
  }

  async #sample(problems: readonly Problem[], signal?: AbortSignal) {
    const { policy, tokenizer, rewards, rewardWeights, numGenerations: G } = this.#settings;
    const { maxCompletionLength, temperature } = this.#settings;
    signal?.throwIfAborted();
    const repeated = problems.flatMap((problem) => Array.from({ length: G }, () => problem));
    const prompts = problems.map((problem) => tokenizer.encode(problem.prompt));
    const rollout = await policy.generate(
      repeated.map((_, i) => prompts[Math.floor(i / G)]!),
      {
        maxNewTokens: maxCompletionLength,
        temperature,
        generator: this.#generator,
        ...(signal && { signal }),
      },
    );
    const texts = rollout.completions.map((completion) => tokenizer.decode(completion));
    const byName: Record<string, (number | null)[]> = {};
    for (const reward of rewards) {
      byName[reward.rewardName] = await Promise.all(
        texts.map((text, i) =>
          reward(text, { ...repeated[i]!.context, prompt: repeated[i]!.prompt }),
        ),
      );
    }
    const names = rewards.map((reward) => reward.rewardName);
    const total = texts.map((_, i) =>
      weightedSum(
        names.map((name) => byName[name]![i]!),
        rewardWeights,
      ),
    );
    const sequences = rollout.completions.map((completion, i) => ({
      problem: repeated[i]!,
      prompt: prompts[Math.floor(i / G)]!,
      completion,
      text: texts[i]!,
    }));
    const transform = this.#options.transformRewards;
    const judged = transform
      ? problems.flatMap((_, p) => transform(total.slice(p * G, (p + 1) * G)))
      : total;
    signal?.throwIfAborted();
    return { sequences, total: judged, byName, terminated: rollout.terminated };
  }

  #microBatches(samples: readonly Sample[]): Sample[][] {
    const size = this.#options.microBatchSize ?? samples.length;
    const count = Math.ceil(samples.length / size);
    return Array.from({ length: count }, (_, i) => samples.slice(i * size, (i + 1) * size));
  }

  #oldLogProbs(samples: readonly Sample[]): Tensor[] {
    const { policy, temperature } = this.#settings;
    return this.#microBatches(samples).map((part) =>
      noGrad(() =>
        this.device.tidy(() => {
          const { ids } = batchSequences(this.device, part, 0);
          return policy.logProbs(ids, temperature).logProbs.eval();
        }),
      ),
    );
  }

  async #update(samples: readonly Sample[], old: readonly Tensor[] | undefined): Promise<Metrics> {
    const { policy, temperature, beta, epsilon, lossType, maxCompletionLength } = this.#settings;
    const { reference, epsilonHigh = epsilon } = this.#options;
    const totalTokens = samples.reduce((sum, s) => sum + s.completion.length, 0);
    const sums = new Float64Array(5); // loss, kl, entropy, low, high
    const shares: { low: number; high: number }[] = []; // clipped tokens of each micro-batch's
    for (const [i, part] of this.#microBatches(samples).entries()) {
      await yieldToHost();
      using _scope = this.device.scope();
      const { ids, mask } = batchSequences(this.device, part, 0);
      const { logProbs, entropy } = policy.logProbs(ids, temperature);
      const refLogProbs = reference && noGrad(() => reference.logProbs(ids, temperature).logProbs);
      const advantages = tensor(
        this.device,
        Float32Array.from(part, (s) => s.advantage),
      );
      const { loss, klSum, lowClipped, highClipped } = grpoLoss(
        {
          logProbs,
          advantages,
          mask,
          ...(old && { oldLogProbs: old[i]! }),
          ...(refLogProbs && { refLogProbs }),
        },
        {
          beta,
          epsilonLow: epsilon,
          epsilonHigh,
          lossType,
          maxCompletionLength,
          totalTokens,
          totalSequences: samples.length,
        },
      );
      loss.backward();
      const values = [loss, klSum, entropy.mul(mask).sum(), lowClipped, highClipped];
      const read: number[] = [];
      for (const value of values) read.push(await value.item());
      read.forEach((value, k) => (sums[k]! += value));
      const tokens = part.reduce((sum, s) => sum + s.completion.length, 0);
      shares.push({ low: read[3]! / tokens, high: read[4]! / tokens });
    }
    using norm = this.optimizer.step({ maxGradNorm: this.#settings.maxGradNorm });
    policy.afterUpdate?.();
    const [loss, kl, entropy, low, high] = sums as unknown as [
      number,
      number,
      number,
      number,
      number,
    ];
    return {
      loss,
      grad_norm: await norm.item(),
      ...(reference && { kl: kl / totalTokens }),
      entropy: entropy / totalTokens,
      "clip_ratio/low_mean": low / totalTokens,
      "clip_ratio/low_min": Math.min(...shares.map((share) => share.low)),
      "clip_ratio/high_mean": high / totalTokens,
      "clip_ratio/high_max": Math.max(...shares.map((share) => share.high)),
      "clip_ratio/region_mean": (low + high) / totalTokens,
    };
  }
}

/** Σ wᵢ·rᵢ over the rewards that apply; null if none does. */
function weightedSum(
  values: readonly (number | null)[],
  weights: readonly number[],
): number | null {
  if (values.every((value) => value === null)) return null;
  return values.reduce<number>((sum, value, i) => sum + (value ?? 0) * weights[i]!, 0);
}

/** Without what is undefined, which stands for the default. */
function given(options: GrpoOptions): GrpoOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as unknown as GrpoOptions;
}

const lossTypes: readonly LossType[] = ["grpo", "bnpo", "dapo", "dr_grpo"];
const rewardScales: readonly ScaleRewards[] = ["group", "batch", "none"];

function checkSettings(
  settings: Settings,
  { reference, rewards, epsilonHigh, microBatchSize }: GrpoOptions,
): void {
  const check = (holds: boolean, problem: string): void => {
    if (!holds) throw new ArgumentError(`GrpoTrainer: ${problem}`);
  };
  const { numGenerations: G, beta, temperature, rewardWeights } = settings;
  check(Number.isInteger(G) && G >= 2, `numGenerations must be 2 or more (a group), got ${G}.`);
  check(rewards.length > 0, "expected at least one reward function, got none.");
  check(
    rewardWeights.length === rewards.length,
    `${rewards.length} rewards need as many rewardWeights, got ${rewardWeights.length}.`,
  );
  const names = rewards.map((reward) => reward.rewardName);
  check(new Set(names).size === names.length, `two rewards share a name: ${names.join(", ")}.`);
  const count = (name: string, value: number | undefined): void =>
    check(
      value === undefined || (Number.isInteger(value) && value >= 1),
      `${name} must be an integer of 1 or more, got ${value}.`,
    );
  const notNegative = (name: string, value: number | undefined): void =>
    check(
      value === undefined || (Number.isFinite(value) && value >= 0),
      `${name} must be a finite number of 0 or more, got ${value}.`,
    );
  const oneOf = (name: string, value: string, known: readonly string[]): void =>
    check(known.includes(value), `${name} must be one of ${known.join(", ")}, got ${value}.`);
  count("maxCompletionLength", settings.maxCompletionLength);
  count("numIterations", settings.numIterations);
  count("microBatchSize", microBatchSize);
  notNegative("learningRate", settings.learningRate);
  notNegative("beta", beta);
  notNegative("epsilon", settings.epsilon);
  notNegative("epsilonHigh", epsilonHigh);
  check(
    settings.epsilon <= 1,
    `epsilon must be 1 or less, got ${settings.epsilon}: ratios are clipped at 1 − epsilon.`,
  );
  notNegative("weightDecay", settings.weightDecay);
  check(
    settings.maxGradNorm > 0,
    `maxGradNorm must be above 0, got ${settings.maxGradNorm}. Infinity turns it off.`,
  );
  check(
    rewardWeights.every(Number.isFinite),
    `rewardWeights must be finite, got ${rewardWeights.join(", ")}.`,
  );
  oneOf("lossType", settings.lossType, lossTypes);
  oneOf("scaleRewards", settings.scaleRewards, rewardScales);
  check(Number.isFinite(temperature), `temperature must be finite, got ${temperature}.`);
  check(
    temperature > 0,
    `temperature must be above 0, got ${temperature}: groups would not differ.`,
  );
  check(beta === 0 || reference !== undefined, `beta is ${beta}, so a reference policy is needed.`);
}
