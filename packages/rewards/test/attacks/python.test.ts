// Programs that try to hang, exhaust, escape or cheat the Python sandbox. Every one ends within its limit
// without passing, and after every one the next program finds the interpreter as new.

import { createServer } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pythonSandbox, type CodeTest, type Sandbox } from "../../src/code/index.ts";
import { attacks, forgeries, inspection } from "./python-attacks.ts";

const timeoutMs = 700;

// Most attacks only wait for their end, so several run at a time, each in a sandbox of one worker: what
// inspects after an attack must meet the worker that was attacked.
const lanes = 3;
const idle: Sandbox[] = [];
const waiting: ((sandbox: Sandbox) => void)[] = [];
let port = 0;

async function withSandbox(use: (sandbox: Sandbox) => Promise<void>): Promise<void> {
  const sandbox = idle.pop() ?? (await new Promise<Sandbox>((resolve) => waiting.push(resolve)));
  try {
    await use(sandbox);
  } finally {
    const next = waiting.shift();
    if (next) next(sandbox);
    else idle.push(sandbox);
  }
}

let connections = 0;
const server = createServer(() => connections++);
beforeAll(async () => {
  process.env["SIXTYONE_SECRET"] = "leaked";
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  port = typeof address === "object" ? (address?.port ?? 0) : 0;
  for (let i = 0; i < lanes; i++)
    idle.push(await pythonSandbox({ workers: 1, memoryBytes: 128 * 2 ** 20 }));
  await Promise.all(idle.map((sandbox) => sandbox.warm()));
}, 60_000);
afterAll(() => {
  expect(idle).toHaveLength(lanes);
  for (const sandbox of idle) sandbox.close();
  server.close();
});

const answer: CodeTest = { kind: "assert", code: "assert answer() == 42" };

const inspect: CodeTest = { kind: "program", input: "hello\n", output: "[] hello\n" };

test.concurrent.each(attacks)(
  "%s",
  async (_, text, reason = /./) =>
    withSandbox(async (sandbox) => {
      const source = text.replaceAll("PORT", String(port));
      const program: CodeTest = { kind: "program", input: "", output: "42\n" };
      const [first, second] = await sandbox.run(source, [program, answer], { timeoutMs });
      expect(first!.passed).toBe(false);
      expect(second!.passed).toBe(false);
      expect(first!.reason).toMatch(reason);
      expect(connections).toBe(0);
      expect(await sandbox.run(inspection, [inspect])).toMatchObject([{ passed: true }]);
    }),
  300_000, // waits for a lane
);

test.concurrent.each(forgeries)(
  "forged: %s",
  async (_, source) =>
    withSandbox(async (sandbox) => {
      const close: CodeTest = { kind: "assert", code: "assert abs(answer() - 42) < 1e-6" };
      const call: CodeTest = { kind: "call", function: "answer", args: [], expected: 42 };
      const results = await sandbox.run(source, [answer, close, call], { timeoutMs });
      expect(results.map(({ passed }) => passed)).toEqual([false, false, false]);
      expect(await sandbox.run(inspection, [inspect])).toMatchObject([{ passed: true }]);
    }),
  300_000,
);

test("nothing leaks to the next case", async () =>
  withSandbox(async (sandbox) => {
    const leak = `
import builtins, math, json, os, random, string, sys
leak = builtins.leak = 1
class Leak: pass
builtins.keep = Leak()
math.pi = 0
json.dumps = lambda x: 'x'
os.environ['LEAK'] = '1'
os.chdir('/')
string.digits = 'x'
sys.setrecursionlimit(50000)
random.seed(1)
handle = open('/lib/python314.zip', 'rb')
sys.stdin.close(); sys.stdout.close(); os.close(0); os.close(1)
def answer(): return 42`;
    const results = await sandbox.run(leak, [answer, answer]);
    expect(results.map(({ passed }) => passed)).toEqual([true, true]);
    expect(await sandbox.run(inspection, [inspect])).toMatchObject([{ passed: true }]);
    // Half of the input read, half a line written, descriptors moved and made not to block.
    const descriptors = `
import os, sys
os.set_blocking(0, False); os.set_blocking(1, False)
first = os.read(0, 1)
os.write(1, b'half')
os.dup2(1, 0); os.dup2(2, 1); os.closerange(3, 50)
sys.stdout.write('never flushed')
sys.stdout = sys.stdin = None`;
    const half: CodeTest = { kind: "program", input: "abc\nsecret\n", output: "half" };
    expect(await sandbox.run(descriptors, [half])).toMatchObject([{ passed: true }]);
    const flags = "import os, sys\nprint(os.get_blocking(0), os.get_blocking(1), sys.stdin.read())";
    expect(
      await sandbox.run(flags, [{ kind: "program", input: "mine", output: "True True mine" }]),
    ).toMatchObject([{ passed: true }]);
  }));

test("a megabyte of source, of input, of output, and lone surrogates", async () =>
  withSandbox(async (sandbox) => {
    const big = "x".repeat(1_000_000);
    const echo: CodeTest = { kind: "program", input: big, output: big };
    const [flooded] = await sandbox.run("print(input())", [echo]);
    expect(flooded).toMatchObject({
      passed: false,
      reason: "printed more than 1000000 characters",
    });
    const [echoed] = await sandbox.run("print(input())", [echo], {
      maxOutputCharacters: 2_000_000,
    });
    expect(echoed).toMatchObject({ passed: true });
    const [long] = await sandbox.run(`x = '${big}'\nprint(len(x))`, [
      { kind: "program", input: "", output: "1000000" },
    ]);
    expect(long).toMatchObject({ passed: true });
    const lone: CodeTest = { kind: "call", function: "f", args: ["\ud800"], expected: "\ud800" };
    const results = await sandbox.run("def f(x): return x", [lone, { ...lone, expected: "x" }]);
    expect(results[1]).toMatchObject({ passed: false });
    const source = await sandbox.run("x = '\ud800'\nprint(1)", [
      { kind: "program", input: "", output: "1" },
    ]);
    expect(source).toHaveLength(1);
  }));
