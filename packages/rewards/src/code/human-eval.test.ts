// HumanEval: each of the 164 canonical solutions passes, none of them with a broken body does.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { humanEvalTest, type HumanEvalTask } from "./human-eval.ts";
import { pythonSandbox } from "./python-sandbox.ts";

const data = new URL("../../test/data/human-eval.jsonl", import.meta.url);
const tasks: HumanEvalTask[] = readFileSync(data, "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as HumanEvalTask);

/** Bodies that answer nothing, end the program, or do the work and then spoil it. */
const broken: readonly ((task: HumanEvalTask) => string)[] = [
  () => "    return None\n",
  () => "    raise SystemExit(0)\n",
  ({ canonical_solution, entry_point }) =>
    `${canonical_solution}\n_right = ${entry_point}\ndef ${entry_point}(*args): return [_right(*args)]\n`,
];

test("HumanEval: 164 of 164 canonical solutions pass, 0 of 164 broken ones", async () => {
  const sandbox = await pythonSandbox({ workers: 2 });
  try {
    const grade = async (body: (task: HumanEvalTask) => string): Promise<string[]> => {
      const results = await Promise.all(
        tasks.map((task) =>
          sandbox.run(task.prompt + body(task), [humanEvalTest(task)], { timeoutMs: 30_000 }),
        ),
      );
      return tasks.filter((_, i) => results[i]![0]!.passed).map(({ task_id }) => task_id);
    };
    expect(await grade((task) => task.canonical_solution)).toEqual(
      Array.from({ length: 164 }, (_, i) => `HumanEval/${i}`),
    );
    for (const body of broken) expect(await grade(body)).toEqual([]);
  } finally {
    sandbox.close();
  }
}, 300_000);
