// The trainer on a policy of a few numbers: one table of logits, no network, so that what it learns is
// plain to see.

import {
  createDevice,
  Generator,
  logSoftmax,
  tensor,
  type Device,
  type Tensor,
} from "@sixtyone/tensor";
import { reference } from "@sixtyone/tensor/backend";
import { defineReward } from "@sixtyone/rewards";
import { expect, test } from "vitest";
import { GrpoTrainer, type GrpoOptions, type Policy, type Tokenizer } from "../src/index.ts";

/** Draws the next of four tokens (3 ends) from one row of logits per previous token. */
class TablePolicy implements Policy {
  readonly device: Device;
  readonly table: Tensor;
  onDrawn: (() => void) | undefined;

  constructor(device: Device) {
    this.device = device;
    this.table = tensor(
      device,
      Array.from({ length: 4 }, () => [0, 0, 0, 0]),
    );
  }

  trainableParameters(): ReadonlyMap<string, Tensor> {
    return new Map([["table", this.table]]);
  }

  logProbs(ids: Tensor) {
    const [B, T] = ids.shape as [number, number];
    const previous = ids.narrow(1, 0, T - 1).reshape([-1]);
    const logits = logSoftmax(this.table.indexSelect(0, previous), -1); // [B·(T − 1), 4]
    const next = ids.narrow(1, 1, T - 1).reshape([-1, 1]);
    const entropy = logits.exp().mul(logits).sum(-1).neg();
    const shape = [B, T - 1];
    return { logProbs: logits.gather(-1, next).reshape(shape), entropy: entropy.reshape(shape) };
  }

  async generate(
    prompts: readonly (readonly number[])[],
    options: { maxNewTokens: number; generator: Generator },
  ) {
    const completions = prompts.map((): number[] => []);
    for (let step = 0; step < options.maxNewTokens; step++) {
      const last = completions.map((c, i) => c.at(-1) ?? prompts[i]!.at(-1)!);
      const logits = this.table.detach().indexSelect(0, tensor(this.device, Int32Array.from(last)));
      const drawn = await options.generator.categorical(logits).data();
      this.onDrawn?.();
      completions.forEach((c, i) => c.at(-1) !== 3 && c.push(drawn[i]!));
    }
    return { completions, terminated: completions.map((c) => c.at(-1) === 3) };
  }
}

const tokenizer: Tokenizer = {
  encode: (text) => Array.from(text, Number),
  decode: (ids) => ids.join(""),
};
/** The share of 2s among the tokens. */
const likesTwos = defineReward("twos", (text) => ({
  reward: text.split("2").length / Math.max(text.length, 1),
}));
const problems = [
  { prompt: "0", context: {} },
  { prompt: "1", context: {} },
];

function trainer(more: Partial<GrpoOptions> = {}) {
  const device = createDevice(reference());
  const policy = new TablePolicy(device);
  const options = {
    numGenerations: 8,
    maxCompletionLength: 6,
    learningRate: 0.1,
    seed: 5,
    ...more,
  };
  return {
    policy,
    trainer: new GrpoTrainer({ policy, tokenizer, rewards: [likesTwos], ...options }),
  };
}

test("the reward rises, and metrics carry TRL's names", async () => {
  const { trainer: t } = trainer();
  // Before and after over 256 completions each: of 16 the mean is mostly noise.
  const many = Array.from({ length: 16 }, () => problems).flat();
  const first = await t.step(many);
  for (let i = 0; i < 30; i++) await t.step(problems);
  const last = await t.step(many);
  expect(last.metrics["reward"]!).toBeGreaterThan(first.metrics["reward"]! + 0.2);
  expect(Object.keys(last.metrics)).toEqual(
    expect.arrayContaining([
      "loss",
      "grad_norm",
      "entropy",
      "reward",
      "reward_std",
      "frac_reward_zero_std",
      "rewards/twos/mean",
      "rewards/twos/std",
      "completions/mean_length",
      "completions/min_length",
      "completions/max_length",
      "completions/clipped_ratio",
      "completions/mean_terminated_length",
      "clip_ratio/low_mean",
      "clip_ratio/low_min",
      "clip_ratio/high_mean",
      "clip_ratio/high_max",
      "clip_ratio/region_mean",
      "learning_rate",
      "num_tokens",
      "step_time",
    ]),
  );
  expect(last.samples.length).toBe(256);
});

test("on-policy, the first loss is the mean advantage: zero by construction of the groups", async () => {
  const { trainer: t } = trainer({ lossType: "grpo" });
  const { metrics } = await t.step(problems);
  expect(Math.abs(metrics["loss"]!)).toBeLessThan(1e-5);
  expect(metrics["grad_norm"]!).toBeGreaterThan(0);
});

test("micro-batches take the same step as the whole batch", async () => {
  const runs: number[][] = [];
  for (const microBatchSize of [16, 3]) {
    const { trainer: t, policy } = trainer({ microBatchSize, numIterations: 2 });
    await t.step(problems);
    runs.push(Array.from(await policy.table.data()));
  }
  runs[0]!.forEach((x, i) => expect(runs[1]![i]).toBeCloseTo(x, 4));
});

test("clip_ratio: the extremes are those of the micro-batches, the mean is over all tokens", async () => {
  // Large steps and a narrow range, so that the second pass clips.
  const { trainer: t } = trainer({
    microBatchSize: 4,
    numIterations: 2,
    learningRate: 1,
    epsilon: 0.05,
    maxGradNorm: 100,
  });
  const { metrics } = await t.step(problems);
  const of = (name: string): number => metrics[`clip_ratio/${name}`]!;
  expect(of("region_mean")).toBeGreaterThan(0);
  expect(of("region_mean")).toBeCloseTo(of("low_mean") + of("high_mean"), 12);
  expect(of("low_min")).toBeLessThanOrEqual(of("low_mean"));
  expect(of("high_max")).toBeGreaterThanOrEqual(of("high_mean"));
  expect(of("high_max")).toBeLessThanOrEqual(1);
});

test("a KL term holds the policy near its reference", async () => {
  const free = trainer();
  const held = trainer({ beta: 5, reference: new TablePolicy(free.policy.device) });
  // The reference must live on the trained policy's device.
  const tied = trainer();
  const bound = new GrpoTrainer({
    policy: tied.policy,
    tokenizer,
    rewards: [likesTwos],
    numGenerations: 8,
    maxCompletionLength: 6,
    learningRate: 0.1,
    seed: 5,
    beta: 5,
    reference: new TablePolicy(tied.policy.device),
  });
  for (let i = 0; i < 15; i++) {
    await free.trainer.step(problems);
    await bound.step(problems);
  }
  const size = async (p: TablePolicy) =>
    Array.from(await p.table.data()).reduce((s, x) => s + Math.abs(x), 0);
  expect(await size(tied.policy)).toBeLessThan(0.5 * (await size(free.policy)));
  await expect(held.trainer.step(problems)).rejects.toThrow(/two devices/);
});

test("a resumed run goes on bit for bit", async () => {
  const straight = trainer();
  for (let i = 0; i < 4; i++) await straight.trainer.step(problems);
  const firstHalf = trainer();
  for (let i = 0; i < 2; i++) await firstHalf.trainer.step(problems);
  const secondHalf = trainer();
  const values = await firstHalf.policy.table.data();
  secondHalf.policy.device.write(secondHalf.policy.table.lazy.view(), values);
  secondHalf.trainer.load(
    JSON.parse(JSON.stringify(await firstHalf.trainer.state(), typed), untyped),
  );
  for (let i = 0; i < 2; i++) await secondHalf.trainer.step(problems);
  expect(await secondHalf.policy.table.data()).toEqual(await straight.policy.table.data());
});

const typed = (_: string, x: unknown) => (x instanceof Float32Array ? { f32: Array.from(x) } : x);
const untyped = (_: string, x: { f32?: number[] }) => (x?.f32 ? Float32Array.from(x.f32) : x);

test("shuffled rewards reach the advantages, not the metrics of the rewards", async () => {
  const { trainer: t } = trainer({ transformRewards: (group) => group.map(() => 1) });
  const { metrics, samples } = await t.step(problems);
  expect(metrics["frac_reward_zero_std"]).toBe(1);
  expect(metrics["rewards/twos/std"]!).toBeGreaterThan(0);
  expect(samples.every((s) => s.advantage === 0)).toBe(true);
});

test("settings that cannot work are refused", () => {
  expect(() => trainer({ numGenerations: 1 })).toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: GrpoTrainer: numGenerations must be 2 or more (a group), got 1.]`,
  );
  expect(() => trainer({ beta: 0.1 })).toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: GrpoTrainer: beta is 0.1, so a reference policy is needed.]`,
  );
  expect(() => trainer({ rewards: [] })).toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: GrpoTrainer: expected at least one reward function, got none.]`,
  );
  expect(() => trainer({ temperature: 0 })).toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: GrpoTrainer: temperature must be above 0, got 0: groups would not differ.]`,
  );
});

test("an aborted signal stops the step, which is then as if it had never begun", async () => {
  const [stopped, straight] = [trainer(), trainer()];
  await expect(stopped.trainer.step(problems, AbortSignal.abort())).rejects.toThrow(/abort/i);
  const late = new AbortController();
  stopped.policy.onDrawn = () => late.abort(); // in the middle of the rollout
  await expect(stopped.trainer.step(problems, late.signal)).rejects.toThrow(/abort/i);
  stopped.policy.onDrawn = undefined;
  for (const { trainer: t } of [stopped, straight]) await t.step(problems);
  expect(stopped.trainer.stepCount).toBe(1);
  expect(await stopped.policy.table.data()).toEqual(await straight.policy.table.data());
});

test("options out of range are refused by name, and undefined is the default", () => {
  const wrong: Readonly<Record<string, unknown>>[] = [
    { lossType: "gspo" },
    { scaleRewards: "std" },
    { epsilon: -0.1 },
    { epsilon: 2 },
    { epsilonHigh: NaN },
    { maxCompletionLength: 0 },
    { microBatchSize: 0 },
    { numIterations: 0 },
    { learningRate: NaN },
    { beta: -1 },
    { weightDecay: -1 },
    { maxGradNorm: 0 },
    { rewardWeights: [NaN] },
    { temperature: Infinity },
  ];
  for (const options of wrong) {
    const [name] = Object.keys(options);
    expect(() => trainer(options), JSON.stringify(options)).toThrow(
      new RegExp(`^GrpoTrainer: ${name} must be`),
    );
  }
  const { trainer: t } = trainer({
    learningRate: undefined,
    lossType: undefined,
    seed: undefined,
  } as never);
  expect(t.optimizer.learningRate).toBe(1e-6);
});
