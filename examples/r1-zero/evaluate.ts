// Held-out evaluation: pass@1 is the mean over samples (DeepSeek-R1 §3, "pass@1 = 1/k Σ pᵢ"), majority is
// the share of problems whose most frequent answer is right.

import { lastAnswer, thinkAnswerFormat } from "@sixtyone/rewards";
import { Generator } from "@sixtyone/tensor";
import type { Policy } from "@sixtyone/grpo";
import { answerOf, distinctProblems, problems, promptOf, type Addends } from "./task.ts";
import { tokenizer } from "./tokenizer.ts";

export interface EvaluateOptions {
  /** Completions per problem. */
  readonly samples: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
}

export interface Evaluation {
  readonly problems: number;
  readonly samples: number;
  readonly temperature: number;
  readonly pass1: number;
  readonly majority: number;
  /** Share of completions in the right form. */
  readonly format: number;
  /** In tokens. */
  readonly meanLength: number;
  /** The first problems' first completions, to look at. */
  readonly examples: readonly { prompt: string; completion: string; correct: boolean }[];
}

export const maxCompletionLength = 48;
/** As in training: the rewards and the curve then speak of the same policy. */
export const temperature = 1;

/** The held-out problems of a size: always the same ones, whatever the run's seed. */
export function heldOut(size: number, count: number): Addends[] {
  return distinctProblems(problems(6161, size, "held-out"), count);
}

export async function evaluate(
  policy: Policy,
  set: readonly Addends[],
  { samples, seed, signal }: EvaluateOptions,
): Promise<Evaluation> {
  const generator = new Generator(policy.device, seed);
  const formatReward = thinkAnswerFormat();
  const votes = set.map(() => new Map<string, number>());
  const examples: Evaluation["examples"][number][] = [];
  let [correct, formatted, tokens] = [0, 0, 0];
  for (let sample = 0; sample < samples; sample++) {
    const prompts = set.map((addends) => tokenizer.encode(promptOf(addends)));
    const options = { maxNewTokens: maxCompletionLength, temperature, generator };
    const { completions } = await policy.generate(prompts, {
      ...options,
      ...(signal && { signal }),
    });
    for (const [i, ids] of completions.entries()) {
      const completion = tokenizer.decode(ids);
      const answer = lastAnswer(completion);
      const isCorrect = answer === String(answerOf(set[i]!));
      if (answer !== undefined) votes[i]!.set(answer, (votes[i]!.get(answer) ?? 0) + 1);
      if (sample === 0 && i < 6)
        examples.push({ prompt: promptOf(set[i]!), completion, correct: isCorrect });
      correct += isCorrect ? 1 : 0;
      formatted += formatReward(completion, {}) === 1 ? 1 : 0;
      tokens += ids.length;
    }
  }
  const total = set.length * samples;
  const won = set.filter((addends, i) => mostFrequent(votes[i]!) === String(answerOf(addends)));
  return {
    problems: set.length,
    samples,
    temperature,
    pass1: correct / total,
    majority: won.length / set.length,
    format: formatted / total,
    meanLength: tokens / total,
    examples,
  };
}

/** The answer given most often; of equals the one given first. */
function mostFrequent(votes: ReadonlyMap<string, number>): string | undefined {
  let best: string | undefined;
  for (const [answer, count] of votes)
    if (best === undefined || count > votes.get(best)!) best = answer;
  return best;
}
