// The public surface of @sixtyone/grpo.

export type {
  Policy,
  Rollout,
  RolloutOptions,
  Scorer,
  TokenLogProbs,
  Tokenizer,
} from "./policy.ts";
export { groupAdvantages, leaveOneOutAdvantages, type ScaleRewards } from "./advantages.ts";
export { batchSequences, type Sequence, type SequenceBatch } from "./batch.ts";
export {
  grpoLoss,
  k3,
  type LossInputs,
  type LossOptions,
  type LossResult,
  type LossType,
} from "./loss.ts";
export { completionMetrics, rewardMetrics, type Metrics } from "./metrics.ts";
export {
  GrpoTrainer,
  type GrpoOptions,
  type Problem,
  type Sample,
  type StepResult,
  type TrainerState,
} from "./trainer.ts";
