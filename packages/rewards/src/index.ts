// The public surface of @sixtyone/rewards.

export {
  defineReward,
  type Reward,
  type RewardContext,
  type RewardDetail,
  type Verdict,
} from "./reward.ts";
export { exactAnswer, lastAnswer, type ExactAnswerOptions } from "./accuracy/exact-answer.ts";
export { thinkAnswerFormat, type ThinkAnswerOptions } from "./format/think-answer.ts";
export { taggedFormat, type TaggedFormatOptions } from "./format/tagged.ts";
export { tagCount, type TagCountOptions } from "./format/tag-count.ts";
export { boxedContents, boxedFormat, type BoxedFormatOptions } from "./format/boxed.ts";
export {
  codeBlocks,
  codeFenceFormat,
  extractCode,
  type CodeBlock,
  type ExtractCodeOptions,
} from "./format/code-fence.ts";
export { splitReasoning, type ReasoningOptions, type SplitCompletion } from "./format/reasoning.ts";
export { characterCount, tokenCount, type LengthOf } from "./length/measure.ts";
export { cosineLength, type CosineLengthOptions } from "./length/cosine.ts";
export { kimiLength, type KimiLengthOptions } from "./length/kimi.ts";
export { softOverlong, type SoftOverlongOptions } from "./length/soft-overlong.ts";
export { repetitionPenalty, type RepetitionOptions } from "./style/repetition.ts";
export { reasoningSteps, type ReasoningStepsOptions } from "./style/reasoning-steps.ts";
export {
  combine,
  type CombineOptions,
  type Range,
  type Term,
  type TermReport,
} from "./compose/combine.ts";
export {
  rewardBatch,
  withTimeout,
  type BatchOptions,
  type TimeoutOptions,
} from "./compose/batch.ts";
export { preference, type PreferenceOptions } from "./compose/preference.ts";
export {
  defaultFinders,
  extractAnswer,
  type ExtractOptions,
  type Extraction,
  type FinderName,
} from "./extract/extract-answer.ts";
export type { BoxPolicy } from "./extract/boxed.ts";
export type { Finder, Found } from "./extract/found.ts";
export { verifyMath, type MathOptions, type MathVerdict } from "./math/verify.ts";
export { gradeMath, type GradeMathOptions, type MathGrade } from "./math/grade.ts";
export { mathReward, type MathRewardOptions } from "./math/math-reward.ts";
export type { Rounding } from "./math/number-match.ts";
