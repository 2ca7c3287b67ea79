// The Python sandbox in a browser: Pyodide in Web Workers, its files from this server.

import { afterAll, beforeAll, expect, test } from "vitest";
import humanEval from "../data/human-eval.jsonl?raw";
import { attacks, forgeries, inspection } from "../attacks/python-attacks.ts";
import {
  humanEvalTest,
  pythonSandbox,
  type CodeTest,
  type HumanEvalTask,
  type Sandbox,
} from "../../src/code/index.ts";

// The folder of a file of the package.
const file = new URL("../../node_modules/pyodide/pyodide-lock.json", import.meta.url);
const indexUrl = new URL(".", file);

const timeoutMs = 700;
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await pythonSandbox({ indexUrl, workers: 1, memoryBytes: 128 * 2 ** 20 });
  await sandbox.warm();
}, 60_000);
afterAll(() => sandbox.close());

const program: CodeTest = { kind: "program", input: "", output: "42\n" };
const assertion: CodeTest = { kind: "assert", code: "assert answer() == 42" };
const call: CodeTest = { kind: "call", function: "answer", args: [], expected: 42 };
const kinds = [program, assertion, call];
const inspect: CodeTest = { kind: "program", input: "hello\n", output: "[] hello\n" };

test("functions, programs and assertions", async () => {
  const source = "def answer(): return 42\nprint(answer())";
  const results = await sandbox.run(source, kinds);
  expect(results.map(({ passed }) => passed)).toEqual([true, true, true]);
  const wrong = await sandbox.run(source.replace("42", "41"), kinds);
  expect(wrong.map(({ passed }) => passed)).toEqual([false, false, false]);
});

test("every fourth task of HumanEval; in Node it is every task", async () => {
  const tasks = humanEval
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as HumanEvalTask)
    .filter((_, i) => i % 4 === 0);
  expect(tasks).toHaveLength(41);
  for (const task of tasks) {
    const run = (body: string) => sandbox.run(task.prompt + body, [humanEvalTest(task)]);
    expect(await run(task.canonical_solution), task.task_id).toMatchObject([{ passed: true }]);
    expect(await run("    return None\n"), task.task_id).toMatchObject([{ passed: false }]);
  }
}, 120_000);

/** What depends on where the interpreter runs; the rest is the interpreter's, and tried in Node. */
const here = [
  "infinite loop",
  "infinite loop that swallows interrupts",
  "regex bomb",
  "memory bomb",
  "memory bomb, growing",
  "deep recursion without a limit",
  "stdout flood",
  "hard exit",
  "kill",
  "null pointer",
  "reads a host file",
  "writes the library",
  "connects",
  "fetches",
  "fetches through JavaScript",
  "fetches through Pyodide",
  "the page",
  "starts a thread",
  "runs a process",
  "Function constructor",
  "JavaScript objects by garbage collector",
  "opens the network in C",
  "a timer of the system",
  "schedules for later",
];
const chosen = attacks.filter(([name, , reason]) => here.includes(name) || reason !== undefined);

test("it knows the attacks by their names", () => {
  expect(chosen.length).toBeGreaterThan(here.length);
  const names = attacks.map(([name]) => name);
  expect(here.filter((name) => !names.includes(name))).toEqual([]);
});

test.each(chosen)(
  "%s",
  async (_, text, reason = /./) => {
    const source = text.replaceAll("PORT", location.port);
    const [result] = await sandbox.run(source, [program], { timeoutMs });
    expect(result!.passed).toBe(false);
    expect(result!.reason).toMatch(reason);
    expect(await sandbox.run(inspection, [inspect])).toMatchObject([{ passed: true }]);
  },
  120_000,
);

test.each(forgeries)(
  "forged: %s",
  async (_, source) => {
    const results = await sandbox.run(source, [assertion, call], { timeoutMs });
    expect(results.map(({ passed }) => passed)).toEqual([false, false]);
    expect(await sandbox.run(inspection, [inspect])).toMatchObject([{ passed: true }]);
  },
  120_000,
);

test("without the folder's address the error says what is expected", async () => {
  await expect(pythonSandbox()).rejects.toThrow(/expected indexUrl/);
});
