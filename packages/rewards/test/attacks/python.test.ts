// Programs that try to hang, exhaust, escape or cheat the Python sandbox. Every one ends within its limit
// without passing, and after every one the next program finds the interpreter as new.

import { createServer } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pythonSandbox, type CodeTest, type Sandbox } from "../../src/code/index.ts";

const timeoutMs = 700;
const graceMs = 1500; // until the watchdog ends a worker
const startMs = 15_000; // a new worker, on a loaded machine

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

/** As a program, and as a function under assertions. */
const attacks: readonly [name: string, source: string][] = [
  ["infinite loop", "while True: pass"],
  ["infinite loop that swallows interrupts", "while True:\n  try:\n    while True: pass\n  except BaseException: pass"],
  ["infinite loop in C", "sum(iter(int, 1))"],
  ["regex bomb", "import re; re.match('(a+)+$', 'a' * 60 + 'b')"],
  ["memory bomb", "x = 'a' * (1 << 30)"],
  ["memory bomb, growing", "x = []\nwhile True: x.append([0] * 100000)"],
  ["deep recursion", "def f(n): return f(n + 1)\nf(0)"],
  ["deep recursion without a limit", "import sys; sys.setrecursionlimit(10**9)\ndef f(n): return f(n + 1)\nf(0)"],
  ["huge exponent", "9 ** 9 ** 9 ** 9"],
  ["huge factorial", "import math; math.factorial(10 ** 9)"],
  ["huge decimal text", "str(7 ** 10 ** 7)"],
  ["nested brackets", "eval('(' * 100000 + ')' * 100000)"],
  ["sleep", "import time; time.sleep(1000)"],
  ["stdout flood", "while True: print('x' * 1000)"],
  ["stdout flood by descriptor", "import os\nwhile True: os.write(1, b'x' * 1000)"],
  ["exit", "import sys; sys.exit(0)"],
  ["hard exit", "import os; os._exit(0)"],
  ["abort", "import os; os.abort()"],
  ["kill", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"],
  ["null pointer", "import ctypes; ctypes.string_at(0, 1 << 30)"],
  ["bad code object", "def f(): pass\nf.__code__ = f.__code__.replace(co_code=b'\\xff' * 1000)\nf()"],
  ["reads a host file", "answer = lambda: 42 if open('/etc/passwd').read() else 0"],
  ["reads the environment", "import os\nassert os.environ['SIXTYONE_SECRET'] == 'leaked'"],
  ["reads the process environment", "assert 'SIXTYONE' in open('/proc/self/environ').read()"],
  ["writes a file", "open('/tmp/x', 'w').write('x')"],
  ["writes the library", "open('/lib/python314.zip', 'r+b').write(b'x')"],
  ["makes a folder", "import os; os.mkdir('/tmp/x')"],
  ["connects", "import socket; socket.create_connection(('127.0.0.1', PORT))"],
  ["connects by address", "import socket; s = socket.socket(); s.connect(('127.0.0.1', PORT))"],
  ["fetches", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:PORT/')"],
  ["fetches through JavaScript", "from js import fetch; fetch('http://127.0.0.1:PORT/')"],
  ["fetches through Pyodide", "from pyodide.http import open_url; open_url('http://127.0.0.1:PORT/')"],
  ["runs a shell", "import os\nassert os.system('true') == 0"],
  ["runs a process", "import subprocess; subprocess.run(['true'], check=True)"],
  ["starts a thread", "import threading; threading.Thread(target=print).start()"],
  ["Function constructor", "from pyodide.ffi import to_js\nto_js([1]).constructor.constructor('return process')()"],
  ["JavaScript objects by garbage collector", `
import gc
for x in gc.get_objects():
    if type(x).__name__ == 'JsProxy':
        for path in (('constructor', 'constructor'), ('constructor',), ('__proto__', 'constructor')):
            y = x
            try:
                for part in path: y = getattr(y, part)
                y('return process')().exit(0)
            except Exception: pass
            try:
                y.constructor('return fetch("http://127.0.0.1:PORT/")')()
            except Exception: pass
raise SystemExit(1)`],
]; // prettier-ignore

/** What a program can find out about the ones before it. */
const inspection = `
import builtins, sys, os, math, random, json, gc, string
found = []
if hasattr(builtins, 'leak') or 'leak' in globals(): found.append('builtins')
if 'solution' in sys.modules and hasattr(sys.modules['solution'], 'leak'): found.append('module')
if math.pi < 3 or len(json.dumps([])) != 2: found.append('patched')
if 'LEAK' in os.environ or os.getcwd() != '/home/pyodide': found.append('process')
if any(type(x).__name__ == 'Leak' for x in gc.get_objects()): found.append('objects')
if string.digits != '0123456789' or sys.getrecursionlimit() > 10000: found.append('state')
print(found, input())
`;
const inspect: CodeTest = { kind: "program", input: "hello\n", output: "[] hello\n" };

test.concurrent.each(attacks)(
  "%s",
  async (_, text) =>
    withSandbox(async (sandbox) => {
      const source = text.replaceAll("PORT", String(port));
      const started = performance.now();
      const program: CodeTest = { kind: "program", input: "", output: "42\n" };
      const [first, second] = await sandbox.run(source, [program, answer], { timeoutMs });
      expect(performance.now() - started).toBeLessThan(2 * (timeoutMs + graceMs + startMs));
      expect(first!.passed).toBe(false);
      expect(second!.passed).toBe(false);
      expect(connections).toBe(0);
      expect(await sandbox.run(inspection, [inspect])).toMatchObject([{ passed: true }]);
    }),
  300_000, // waits for a lane
);

const forgeries: readonly [name: string, source: string][] = [
  ["equal to everything", "class A:\n  def __eq__(self, other): return True\nanswer = lambda: A()"],
  ["a number equal to everything", "class A(int):\n  def __eq__(self, other): return True\nanswer = lambda: A(1)"],
  ["patched assertion", "import builtins\nbuiltins.AssertionError = type('E', (Exception,), {})\nanswer = lambda: 1"],
  ["patched built-ins", "import builtins\nbuiltins.__build_class__ = builtins.compile = builtins.exec = lambda *a: None\nanswer = lambda: 1"],
  ["patched json", "import json\njson.dumps = lambda *a, **k: '{\"value\": [\"i\", \"1\"]}'\nanswer = lambda: 1"],
  ["looks for the expected value in frames", `
import sys
def answer():
    frame = sys._getframe()
    while frame:
        for const in frame.f_code.co_consts:
            if const == 40 + 2: return const
        frame = frame.f_back
    return 0`],
  ["looks for the expected value in memory", `
import gc
def answer():
    for x in gc.get_objects():
        if type(x).__name__ == 'code' and 'answer' in x.co_names: return [c for c in x.co_consts if type(c) is int][0]
    return 0`],
  ["exits while called", "import os\ndef answer(): os._exit(0)"],
  ["exits politely while called", "def answer(): raise SystemExit(0)"],
  ["answers with an assertion", "def answer(): raise AssertionError"],
  ["a name of the language", "abs = lambda x: 0\nanswer = lambda: 1"],
]; // prettier-ignore

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
