// The run: evaluate, train, evaluate again, write down everything. All of the recipe is here.

import { join } from "node:path";
import { wasm } from "@sixtyone/backend-wasm";
import { webgpu } from "@sixtyone/backend-webgpu";
import { GrpoTrainer, type Metrics } from "@sixtyone/grpo";
import { exactAnswer, thinkAnswerFormat } from "@sixtyone/rewards";
import { createDevice, inverseSquareRoot, warmup, type Device } from "@sixtyone/tensor";
import { reference } from "@sixtyone/tensor/backend";
import type { Settings } from "./cli.ts";
import {
  evaluate,
  heldOut,
  maxCompletionLength,
  temperature,
  type Evaluation,
} from "./evaluate.ts";
import { DeepseekPolicy } from "./policy.ts";
import { Progress, formatSeconds, printEvaluation } from "./progress.ts";
import { mulberry32, shuffled } from "./random.ts";
import { htmlReport } from "./report.ts";
import { loadRun, prepareFile, readModel, saveRun, writeOutput } from "./store.ts";
import { problems, toProblem } from "./task.ts";
import { tokenizer } from "./tokenizer.ts";

/** 16 problems × 16 completions a step; β small, as R1-Zero (arXiv 2501.12948 §2.1). */
export const recipe = {
  promptsPerStep: 16,
  numGenerations: 16,
  learningRate: 5e-4,
  warmupSteps: 5,
  /** After the warm-up the rate falls as 1/√(1 + step/20): whatever `--steps` says, so that a run may go on longer. */
  decaySteps: 20,
  beta: 0.001,
  epsilon: 0.2,
  maxGradNorm: 1,
  /** Half a rollout at a time: the same gradients in half the memory. */
  microBatchSize: 128,
  /** The form counts little: right answers must be worth more than pretty ones. */
  rewardWeights: [1, 0.2],
  /** Between two checkpoints. */
  stepsPerCheckpoint: 20,
} as const;

async function openDevice({ backend, adapter }: Settings): Promise<Device> {
  if (backend === "reference") return createDevice(reference());
  return createDevice(
    backend === "webgpu" ? await webgpu({ ...(adapter && { adapter }) }) : await wasm(),
  );
}

export async function run(settings: Settings, signal: AbortSignal): Promise<void> {
  const { seed, taskSize, control, out } = settings;
  const started = performance.now();
  prepareFile(join(out, "report.html"), "--out");
  if (settings.json !== undefined) prepareFile(settings.json, "--json");
  using device = await openDevice(settings);
  const base = readModel(device, settings.base);
  const saved = settings.resume
    ? await loadRun(device, out, { seed, taskSize, control })
    : undefined;
  const model = saved?.model ?? readModel(device, settings.base);
  const policy = new DeepseekPolicy(model);
  console.log(
    `DeepSeek-V3 architecture, ${model.parameterCount.toLocaleString("en")} parameters, ` +
      `${device.backend.capabilities.description}`,
  );

  const set = heldOut(taskSize, settings.evalProblems);
  const evaluation = { samples: settings.evalSamples, seed: 61, signal };
  const before = await evaluate(new DeepseekPolicy(base), set, evaluation);
  printEvaluation("before", before);

  const trainer: GrpoTrainer = new GrpoTrainer({
    policy,
    reference: new DeepseekPolicy(base),
    tokenizer,
    rewards: [exactAnswer(), thinkAnswerFormat()],
    maxCompletionLength,
    temperature,
    seed,
    schedule: warmup(recipe.warmupSteps, inverseSquareRoot(recipe.decaySteps)),
    ...recipe,
    ...(control && { transformRewards: shuffleByStep(seed, () => trainer.stepCount) }),
  });
  const history: Metrics[] = [...(saved?.history ?? [])];
  if (saved) trainer.load(saved.state);
  const save = async () =>
    await saveRun(out, { seed, taskSize, control }, model, await trainer.state(), history);
  const train = await learn(trainer, settings, history, save, signal);
  await save();
  if (signal.aborted) {
    console.log(`stopped after step ${trainer.stepCount}; the checkpoint is in ${out}.`);
    console.log("go on with: npm start -- --resume (and the same settings)");
    return;
  }

  const after = await evaluate(policy, set, evaluation);
  printEvaluation("after", after);
  summarise(before, after, train.seconds);
  writeOutput(
    join(out, "metrics.jsonl"),
    history.map((m) => `${JSON.stringify(m)}\n`).join(""),
    "--out",
  );
  writeOutput(join(out, "report.html"), htmlReport(settings, history, before, after), "--out");
  console.log(`report: ${join(out, "report.html")}`);
  if (settings.json !== undefined) {
    const result = {
      backend: settings.backend,
      seed,
      taskSize,
      control,
      before,
      after,
      train: { ...train, steps: trainer.stepCount },
      totalSeconds: (performance.now() - started) / 1000,
      recipe,
      history,
    };
    writeOutput(settings.json, `${JSON.stringify(result, null, 2)}\n`, "--json");
  }
}

type Rewards = readonly (number | null)[];

/** The control's shuffle, in an order that depends on seed and step alone: a resumed run goes on alike. */
function shuffleByStep(seed: number, stepCount: () => number): (group: Rewards) => Rewards {
  let [step, random] = [-1, mulberry32(0)];
  return (group) => {
    if (step !== stepCount())
      [step, random] = [stepCount(), mulberry32((seed + 1) * 0x9e3779b1 + stepCount())];
    return shuffled(group, random);
  };
}

async function learn(
  trainer: GrpoTrainer,
  settings: Settings,
  history: Metrics[],
  save: () => Promise<void>,
  signal: AbortSignal,
): Promise<{ seconds: number }> {
  const started = performance.now();
  const source = problems(settings.seed + 1000, settings.taskSize, "train");
  const nextProblems = () =>
    Array.from({ length: recipe.promptsPerStep }, () => toProblem(source.next().value));
  for (let step = 0; step < trainer.stepCount; step++) nextProblems(); // where the saved run stood
  const progress = new Progress(settings.steps, trainer.stepCount);
  while (trainer.stepCount < settings.steps && !signal.aborted) {
    try {
      const { metrics, samples } = await trainer.step(nextProblems(), signal);
      history.push({ ...metrics, completions: samples.length });
      progress.update(trainer.stepCount, history.at(-1)!);
      if (trainer.stepCount % recipe.stepsPerCheckpoint === 0) await save();
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
  progress.end();
  return { seconds: (performance.now() - started) / 1000 };
}

function summarise(before: Evaluation, after: Evaluation, trainSeconds: number): void {
  const change = after.meanLength - before.meanLength;
  console.log(
    `\npass@1 ${before.pass1.toFixed(3)} → ${after.pass1.toFixed(3)}, ` +
      `majority ${before.majority.toFixed(3)} → ${after.majority.toFixed(3)}, ` +
      `length ${before.meanLength.toFixed(1)} → ${after.meanLength.toFixed(1)} tokens ` +
      `(${change >= 0 ? "+" : ""}${change.toFixed(1)}), trained for ${formatSeconds(trainSeconds)}`,
  );
}
