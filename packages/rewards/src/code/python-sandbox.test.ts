import { afterAll, beforeAll, expect, test } from "vitest";
import { codeReward } from "./code-reward.ts";
import { mbppTests } from "./human-eval.ts";
import { pythonSandbox } from "./python-sandbox.ts";
import type { Sandbox } from "./sandbox.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await pythonSandbox({ workers: 1 });
  await sandbox.warm();
}, 60_000);
afterAll(() => sandbox.close());

const call = (name: string, args: unknown[], expected: unknown) =>
  ({ kind: "call", function: name, args, expected }) as const;
const program = (input: string, output: string) => ({ kind: "program", input, output }) as const;
const assertion = (code: string, setup?: string) => ({ kind: "assert", code, setup }) as const;

async function run(source: string, ...tests: Parameters<Sandbox["run"]>[1]) {
  return (await sandbox.run(source, tests)).map(({ passed, reason }) =>
    passed ? "passed" : reason,
  );
}

test("functions and values", async () => {
  const source =
    "def same(x): return x\ndef pair(a, b=2): return (a, {b})\nclass A:\n  f = staticmethod(len)";
  const values = [
    null,
    true,
    "é\ud83d\ude00",
    1.5,
    -0,
    2n ** 20000n,
    [1, [2]],
    { a: { b: [] } },
    NaN,
    Infinity,
  ];
  expect(await run(source, ...values.map((value) => call("same", [value], value)))).toEqual(
    values.map(() => "passed"),
  );
  expect(await run(source, call("pair", [1], [1, new Set([2])]), call("A.f", ["abc"], 3))).toEqual([
    "passed",
    "passed",
  ]);
  expect(
    await run(source, call("same", [1], 2), call("same", [1], true), call("none", [], 1)),
  ).toEqual([
    'same: expected 2, got ["i","1"]',
    'same: expected true, got ["i","1"]',
    "AttributeError: module 'solution' has no attribute 'none'",
  ]);
});

test("what programs of the standard library need of a system: event loops, exit functions, sleep", async () => {
  const source = `
import asyncio, atexit, time
atexit.register(print, "bye")
async def twice(n):
    await asyncio.sleep(0.001)
    return 2 * n
async def main():
    queue = asyncio.Queue()
    await queue.put(1)
    return await asyncio.gather(twice(2), queue.get(), asyncio.wait_for(twice(4), 1))
print(asyncio.run(main()))
print(asyncio.new_event_loop().run_until_complete(twice(1)))
try: asyncio.run(asyncio.wait_for(asyncio.Event().wait(), 0.001))
except TimeoutError: print("late")
time.sleep(0.001)`;
  expect(await run(source, program("", "[4, 1, 8]\n2\nlate\nbye\n"))).toEqual(["passed"]);
  const exits = "import atexit, sys\natexit.register(print, 2)\nprint(1)\nsys.exit()";
  expect(await run(exits, program("", "1\n2\n"))).toEqual(["passed"]);
  const draws = "import random\nprint(random.randrange(10 ** 9))";
  const drawn = program("", "906691059");
  expect(await run(draws, drawn, drawn)).toEqual(["passed", "passed"]);
  expect(await run("import ctypes", program("", ""))).toEqual([
    "ModuleNotFoundError: import of ctypes halted; None in sys.modules",
  ]);
});

test("programs: input, several lines, exit codes, standard output by any way", async () => {
  for (const source of [
    "a, b = map(int, input().split())\nprint(a + b)",
    "import sys\nprint(sum(int(x) for x in sys.stdin.read().split()))",
    "import sys\nfor line in sys.stdin:\n  sys.stdout.write(str(sum(map(int, line.split()))) + '\\n')\nsys.exit()",
    "import os\nif __name__ == '__main__':\n  os.write(1, b'3\\n')\n  raise SystemExit(0)",
    "print(open(0).read().count('2') + 2)",
  ]) {
    expect(await run(source, program("1 2\n", "3\n"), program("1 2\n", "3\n4\n"))).toEqual([
      "passed",
      "expected 2 lines, got 1",
    ]);
  }
  expect(await run("print(3); raise SystemExit(1)", program("", "3"))).toEqual(["exit code 1"]);
  expect(await run("print(3); 1/0", program("", "3"))).toEqual([
    "ZeroDivisionError: division by zero",
  ]);
  expect(await run("def f(: pass", program("", ""))).toEqual([
    expect.stringContaining("SyntaxError"),
  ]);
});

test("assertions: arguments changed in place, exceptions, iterators, classes", async () => {
  const source = `
def sort_it(x): x.sort()
def fail(x): raise KeyError(x)
def count(n):
    for i in range(n): yield i
class Stack:
    def __init__(self): self.items = []
    def push(self, x): self.items.append(x); return self
    def __len__(self): return len(self.items)
`;
  expect(
    await run(
      source,
      assertion("x = [2, 1]; sort_it(x); assert x == [1, 2]"),
      assertion("try:\n  fail(1)\n  assert False\nexcept KeyError: pass"),
      assertion("assert list(count(3)) == [0, 1, 2]"),
      assertion("s = Stack().push(1).push(2); assert len(s) == 2 and s.items == [1, 2]"),
      assertion("assert count(2) == [0, 1]"),
      assertion(
        "import math\nassert math.isclose(helper(2), count(3).__next__() + 4)",
        "def helper(x): return 2 * x",
      ),
    ),
  ).toEqual(["passed", "passed", "passed", "passed", "AssertionError", "passed"]);
  const named = "def area(w, *, h=2): return w * h";
  expect(
    await run(
      named,
      assertion("assert area(3, h=4) == 12 and area(w=2) == 4"),
      assertion("area(3, x=4)"),
    ),
  ).toEqual(["passed", "TypeError: area() got an unexpected keyword argument 'x'"]);
});

test("MBPP's form, graded from a completion", async () => {
  const task = {
    test_list: ["assert add(1, 2) == 3", "assert add(2, 2) == 4", "assert add(0, 0) == 1"],
  };
  const tests = mbppTests(task);
  const completion =
    "<think>```python\nno\n```</think>\n```python\ndef add(a, b):\n    return a + b\n```";
  const reward = codeReward({ sandbox });
  expect(await reward.detail(completion, { tests })).toMatchObject({
    reward: 0,
    verdict: "wrong",
    reason: "2 of 3 tests pass; test 3: AssertionError",
  });
  expect(await codeReward({ sandbox, score: "fraction" })(completion, { tests })).toBeCloseTo(
    2 / 3,
  );
  expect(await reward(completion, { tests: tests.slice(0, 2) })).toBe(1);
  expect(await reward("no code", { tests })).toBe(0);
  expect(await reward(completion, {})).toBe(null);
});
