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
