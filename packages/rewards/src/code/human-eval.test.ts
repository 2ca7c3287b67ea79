// HumanEval: every canonical solution passes, every solution with a broken body fails. A sample by default;
// all 164 with SIXTYONE_HUMAN_EVAL=all (some ten seconds).

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { humanEvalTest, type HumanEvalTask } from "./human-eval.ts";
import { pythonSandbox } from "./python-sandbox.ts";

const data = new URL("../../test/data/human-eval.jsonl", import.meta.url);
const all: HumanEvalTask[] = readFileSync(data, "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as HumanEvalTask);
const tasks =
  process.env["SIXTYONE_HUMAN_EVAL"] === "all" ? all : all.filter((_, i) => i % 4 === 0);

test(`HumanEval: ${tasks.length} of ${all.length} tasks`, async () => {
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
      tasks.map(({ task_id }) => task_id),
    );
    expect(await grade(() => "    return None\n")).toEqual([]);
    expect(await grade(() => "    raise SystemExit(0)\n")).toEqual([]);
  } finally {
    sandbox.close();
  }
}, 120_000);
