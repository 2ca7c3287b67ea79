// Countdown (TinyZero): an expression over the given numbers, each used once, that makes the target. The
// prompt gives context.numbers and context.target. Unlike TinyZero's: exact fractions instead of eval with
// a tolerance, one answer instead of the last of many, nothing for a mere format unless asked for.

import { splitReasoning, type ReasoningOptions } from "../format/reasoning.ts";
import { findTags } from "../format/tag-scanner.ts";
import { defineReward, type Reward, type RewardContext, type RewardDetail } from "../reward.ts";
import { readArithmetic, type Arithmetic } from "./expression.ts";

export interface CountdownOptions extends ReasoningOptions {
  /** Whether every number must be used (default, as TinyZero) or each at most once. */
  readonly useAll?: boolean;
  /** The reward for an answer in its tags that is wrong. Default 0; TinyZero 0.1. */
  readonly formatReward?: number;
}

export function countdown({
  useAll = true,
  formatReward = 0,
  ...reasoning
}: CountdownOptions = {}): Reward {
  return defineReward("countdown", (completion, context): RewardDetail => {
    const task = readTask(context);
    if (task === undefined) {
      return {
        reward: null,
        verdict: "gold-unparsable",
        reason:
          "expected context.numbers, a list of whole numbers, and context.target, a whole number",
      };
    }
    const answer = onlyAnswer(splitReasoning(completion, reasoning).visible);
    if ("problem" in answer) return { reward: 0, verdict: "no-answer", reason: answer.problem };
    const { extracted } = answer;
    const problem = findProblem(extracted, task, useAll);
    return problem === undefined
      ? { reward: 1, verdict: "correct", extracted, reason: `makes ${task.target}` }
      : { reward: formatReward, verdict: "wrong", extracted, reason: problem };
  });
}

interface Task {
  readonly numbers: readonly bigint[];
  readonly target: bigint;
}

function readTask({ numbers, target }: RewardContext): Task | undefined {
  const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);
  if (!Array.isArray(numbers) || numbers.length === 0 || !numbers.every(isWhole)) return undefined;
  return isWhole(target) ? { numbers: numbers.map(BigInt), target: BigInt(target) } : undefined;
}

/** The text of the one <answer>…</answer>. Several answers are none: one of many may be right by luck. */
function onlyAnswer(text: string): { extracted: string } | { problem: string } {
  const found = findTags(text, ["<answer>", "</answer>"]);
  const [open, close] = found;
  if (found.length === 0) return { problem: "no <answer>…</answer> after the reasoning" };
  if (found.length !== 2 || open!.tag !== "<answer>" || close!.tag !== "</answer>") {
    return { problem: `expected one <answer>…</answer>, found ${found.length} tags` };
  }
  return { extracted: text.slice(open!.start + "<answer>".length, close!.start).trim() };
}

function findProblem(text: string, { numbers, target }: Task, useAll: boolean): string | undefined {
  // "(1 + 2) * 3 = 9" states its value; the value must then be the target itself.
  const [left, right, ...more] = text.split("=");
  if (more.length > 0) return "more than one equals sign";
  if (right !== undefined && right.trim() !== String(target))
    return `states ${right.trim().slice(0, 40)}`;
  const read = readArithmetic(left!);
  if (typeof read === "string") return `not an expression: ${read}`;
  const misuse = findMisuse(read, numbers, useAll);
  if (misuse !== undefined) return misuse;
  const { n, d } = read.value;
  return n === target * d ? undefined : `does not make ${target}`;
}

function findMisuse(
  read: Arithmetic,
  given: readonly bigint[],
  useAll: boolean,
): string | undefined {
  const left = [...given];
  for (const number of read.numbers) {
    const at = left.indexOf(number);
    if (at < 0) return `${number} is not given, or used too often`;
    left.splice(at, 1);
  }
  return useAll && left.length > 0 ? `does not use ${left.join(", ")}` : undefined;
}
