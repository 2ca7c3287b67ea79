import { expect, test } from "vitest";
import { corpus, mixture, workings, type Kind, documentOf } from "./corpus.ts";
import { heldOut } from "./evaluate.ts";
import { mulberry32 } from "./random.ts";
import { answerOf, isHeldOut, problems, promptOf, taskSizes } from "./task.ts";
import { tokenizer } from "./tokenizer.ts";

test("the split is by problem: nothing that is trained on is held out", () => {
  for (let size = taskSizes.min; size <= taskSizes.max; size++) {
    const evaluated = new Set(heldOut(size, 500).map(promptOf));
    expect(evaluated.size).toBe(500);
    for (const seed of [1000, 1001, 1002]) {
      const source = problems(seed, size, "train");
      for (let i = 0; i < 5000; i++) {
        const addends = source.next().value;
        expect(isHeldOut(addends)).toBe(false);
        expect(evaluated.has(promptOf(addends))).toBe(false);
      }
    }
  }
  expect(heldOut(3, 500).every(isHeldOut)).toBe(true);
});

test("the corpus of pre-training never shows a held-out problem, in any order of its numbers", () => {
  const documents = corpus(1);
  const evaluated = new Set(
    [2, 3, 4, 5].flatMap((size) => heldOut(size, 500).map((a) => [...a].sort().join())),
  );
  for (let i = 0; i < 20_000; i++) {
    const { prompt } = documents.next().value;
    const addends = prompt.slice(0, -1).split("+");
    expect(evaluated.has(addends.sort().join())).toBe(false);
  }
});

test("about one problem in eight is held out, whatever the order of its numbers", () => {
  const random = mulberry32(1);
  let count = 0;
  for (let i = 0; i < 8000; i++) {
    const addends = Array.from({ length: 4 }, () => 10 + Math.floor(random() * 90));
    if (isHeldOut(addends)) count++;
    expect(isHeldOut([...addends].reverse())).toBe(isHeldOut(addends));
  }
  expect(count).toBeGreaterThan(900);
  expect(count).toBeLessThan(1100);
});

test("documents say what their kind says", () => {
  const addends = [47, 86, 12];
  expect(workings(addends).text).toBe("47+86=133;133+12=145");
  expect(answerOf(addends)).toBe(145);
  const random = mulberry32(3);
  expect(documentOf("careful", addends, random).completion).toBe(
    "<think>47+86=133;133+12=145</think><answer>145</answer>",
  );
  for (let i = 0; i < 50; i++) {
    expect(documentOf("slip", addends, random).completion).not.toContain("<answer>145<");
  }
  expect(Object.values(mixture).reduce((a: number, b) => a + b, 0)).toBeCloseTo(1, 12);
  for (const kind of Object.keys(mixture) as Kind[]) {
    const { prompt, completion } = documentOf(kind, addends, random);
    const ids = tokenizer.encode(prompt + completion);
    expect(tokenizer.decode(ids)).toBe(prompt + completion);
  }
});
