import { afterAll, beforeAll, expect, test } from "vitest";
import { javascriptSandbox } from "./javascript-sandbox.ts";
import type { Sandbox } from "./sandbox.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await javascriptSandbox({ workers: 1 });
});
afterAll(() => sandbox.close());

const call = (name: string, args: unknown[], expected: unknown) =>
  ({ kind: "call", function: name, args, expected }) as const;
const program = (input: string, output: string) => ({ kind: "program", input, output }) as const;

async function run(source: string, ...tests: Parameters<Sandbox["run"]>[1]) {
  return (await sandbox.run(source, tests, { timeoutMs: 1000 })).map(({ passed, reason }) =>
    passed ? "passed" : reason,
  );
}

test("functions: declared, constant, exported, asynchronous", async () => {
  for (const source of [
    "function add(a, b) { return a + b; }",
    "const add = (a, b) => a + b;",
    "export const add = (a, b) => a + b;",
    "module.exports = { add: (a, b) => a + b };",
    "async function add(a, b) { await null; return a + b; }",
    "const add = (a, b) => new Promise((resolve) => setTimeout(() => resolve(a + b), 50));",
  ]) {
    expect(await run(source, call("add", [1, 2], 3), call("add", [1, 2], 4))).toEqual([
      "passed",
      'add: expected 4, got ["f","3"]',
    ]);
  }
});

test("values keep their kinds", async () => {
  const source = "const same = (x) => x; const make = () => new Map([[1, new Set([2n, -0])]]);";
  const values = [null, true, "a\ud800", 1.5, -0, 2n ** 70n, [1, [2]], { a: { b: [] } }, NaN];
  expect(await run(source, ...values.map((value) => call("same", [value], value)))).toEqual(
    values.map(() => "passed"),
  );
  expect(await run(source, call("make", [], new Map([[1, new Set([2n, -0])]])))).toEqual([
    "passed",
  ]);
});

test("programs read standard input and print", async () => {
  for (const source of [
    "const [a, b] = require('fs').readFileSync(0, 'utf8').split(' ').map(Number); console.log(a + b);",
    "process.stdin.on('data', (text) => { const [a, b] = text.split(' ').map(Number); console.log(a + b); });",
    "const rl = require('readline').createInterface({ input: process.stdin }); rl.on('line', (l) => console.log(l.split(' ').reduce((a, b) => +a + +b)));",
    "const [a, b] = readline().split(' ').map(Number); print(a + b); process.exit(0);",
  ]) {
    expect(await run(source, program("1 2\n", "3\n"))).toEqual(["passed"]);
    expect(await run(source, program("1 2\n", "3\n4\n"))).toEqual(["expected 2 lines, got 1"]);
  }
  expect(await run("console.log(3); process.exit(1)", program("", "3"))).toEqual(["exit code 1"]);
});

test("assertions see plain data only", async () => {
  const assertion = (code: string) => ({ kind: "assert", code }) as const;
  const source = "function twice(x) { return x.map((y) => 2 * y); }";
  expect(
    await run(
      source,
      assertion(
        "assert.deepStrictEqual(twice([1, 2]), [2, 4]); console.assert(twice([]).length === 0)",
      ),
      assertion("assert.deepStrictEqual(twice([1, 2]), [2, 5])"),
      assertion("assert(missing() === 1)"),
    ),
  ).toEqual(["passed", "AssertionError: assertion failed", "missing is not defined as a function"]);
  const forged = "const equal = () => ({ valueOf: () => 42, length: 1, toString: () => '42' });";
  expect(await run(forged, assertion("assert.equal(equal(), 42)"))).not.toEqual(["passed"]);
});

test("errors are told", async () => {
  expect(await run("function (", call("f", [], 1))).toEqual([
    expect.stringContaining("SyntaxError"),
  ]);
  expect(await run("const f = () => { throw new TypeError('no') }", call("f", [], 1))).toEqual([
    "TypeError: no",
  ]);
  expect(await run("", call("f", [], 1))).toEqual(["f is not defined as a function"]);
});
