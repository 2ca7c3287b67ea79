// What the base model has read: sums with what people write after them. Most write down a hasty guess,
// some work carefully, some slip, some forget the form. Nothing tells the base model which of these is
// worth imitating; that is left to the rewards.

import { answerOf, problems, promptOf, taskSizes, type Addends } from "./task.ts";
import { mulberry32, normal } from "./random.ts";

export interface Document {
  readonly prompt: string;
  readonly completion: string;
}

/** How often each kind of document occurs. */
export const mixture = {
  /** Every partial sum, then the answer. */
  careful: 0.25,
  /** As careful, with one wrong partial sum that is carried on. */
  slip: 0.05,
  /** A guess near the truth, repeated as the answer. */
  guess: 0.48,
  /** A guess without any form. */
  bare: 0.12,
  /** Careful work without the answer's tags. */
  formless: 0.1,
} as const;

export type Kind = keyof typeof mixture;

/** The partial sums, one after another: "47+86=133;133+12=145". */
export function workings(
  addends: Addends,
  slipAt = -1,
  slipBy = 0,
): { text: string; result: number } {
  let sum = addends[0]!;
  const steps: string[] = [];
  for (let i = 1; i < addends.length; i++) {
    const next = sum + addends[i]! + (i === slipAt ? slipBy : 0);
    steps.push(`${sum}+${addends[i]}=${next}`);
    sum = next;
  }
  return { text: steps.join(";"), result: sum };
}

export function documentOf(kind: Kind, addends: Addends, random: () => number): Document {
  const prompt = promptOf(addends);
  const guess = Math.max(10, answerOf(addends) + Math.round(normal(random) * 12));
  const careful = workings(addends);
  switch (kind) {
    case "careful":
      return {
        prompt,
        completion: `<think>${careful.text}</think><answer>${careful.result}</answer>`,
      };
    case "slip": {
      const at = 1 + Math.floor(random() * (addends.length - 1));
      const by = [-10, -1, 1, 10][Math.floor(random() * 4)]!;
      const { text, result } = workings(addends, at, by);
      return { prompt, completion: `<think>${text}</think><answer>${result}</answer>` };
    }
    case "guess":
      return { prompt, completion: `<think>${guess}</think><answer>${guess}</answer>` };
    case "bare":
      return { prompt, completion: String(guess) };
    case "formless":
      return { prompt, completion: `<think>${careful.text}</think>${careful.result}` };
  }
}

function kindOf(u: number): Kind {
  let rest = u;
  for (const [kind, share] of Object.entries(mixture) as [Kind, number][]) {
    if (rest < share) return kind;
    rest -= share;
  }
  return "guess";
}

/** An endless corpus over all sizes of the task, from training problems only. */
export function* corpus(seed: number): Generator<Document, never> {
  const random = mulberry32(seed);
  const sizes = Array.from(
    { length: taskSizes.max - taskSizes.min + 1 },
    (_, i) => taskSizes.min + i,
  );
  const sources = sizes.map((size) => problems(seed * 31 + size, size, "train"));
  for (;;) {
    const source = sources[Math.floor(random() * sources.length)]!;
    const addends = source.next().value;
    yield documentOf(kindOf(random()), addends, random);
  }
}
