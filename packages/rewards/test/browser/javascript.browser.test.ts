// The JavaScript sandbox in a browser: QuickJS in Web Workers.

import wasmUrl from "quickjs-wasi/quickjs.wasm?url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { attacks, forgeries, inspection } from "../attacks/javascript-attacks.ts";
import {
  codeReward,
  javascriptSandbox,
  type CodeTest,
  type Sandbox,
} from "../../src/code/index.ts";

const timeoutMs = 250;
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await javascriptSandbox({ wasmUrl, workers: 1, memoryBytes: 32 * 2 ** 20 });
  await sandbox.warm();
});
afterAll(() => sandbox.close());

const program: CodeTest = { kind: "program", input: "", output: "42\n" };
const assertion: CodeTest = { kind: "assert", code: "assert.strictEqual(answer(), 42)" };
const call: CodeTest = { kind: "call", function: "answer", args: [], expected: 42 };
const kinds = [program, assertion, call];
const inspect: CodeTest = { kind: "program", input: "hello\n", output: "0\n" };

test("functions, programs and assertions", async () => {
  const source = "const answer = () => 42; console.log(answer());";
  const results = await sandbox.run(source, kinds);
  expect(results.map(({ passed }) => passed)).toEqual([true, true, true]);
  const wrong = await sandbox.run(source.replace("42", "41"), kinds);
  expect(wrong.map(({ passed }) => passed)).toEqual([false, false, false]);
});

test("as a reward", async () => {
  const reward = codeReward({ sandbox, score: "fraction" });
  const completion = "<think>…</think>\n```js\nconst answer = () => 42;\n```";
  expect(await reward(completion, { tests: [call, { ...call, expected: 43 }] })).toBe(0.5);
});

// Each in one of the three forms; in Node they run in all three.
test.each(attacks.map(([name, source], i) => [name, source, kinds[i % 3]!] as const))(
  "%s",
  async (_, text, kind) => {
    const source = text.replaceAll("PORT", location.port);
    expect(await sandbox.run(source, [kind], { timeoutMs })).toMatchObject([{ passed: false }]);
    expect(await sandbox.run(inspection, [inspect])).toMatchObject([{ passed: true }]);
  },
);

test.each(forgeries)("forged: %s", async (_, source) => {
  const results = await sandbox.run(source, [assertion, call], { timeoutMs });
  expect(results.map(({ passed }) => passed)).toEqual([false, false]);
  expect(await sandbox.run(inspection, [inspect])).toMatchObject([{ passed: true }]);
});

test("without the interpreter's address the error says where it is", async () => {
  await expect(javascriptSandbox()).rejects.toThrow(/expected wasmUrl/);
  const lost = await javascriptSandbox({ wasmUrl: "/nowhere.wasm", workers: 1 });
  await expect(lost.warm()).rejects.toThrow(/could not start/);
  lost.close();
});
