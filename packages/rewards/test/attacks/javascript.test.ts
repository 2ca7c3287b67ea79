// Programs that try to hang, exhaust, escape or cheat the JavaScript sandbox. Every one ends within its
// limit without passing, and after every one the next program finds the interpreter as new.

import { createServer } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { javascriptSandbox, type CodeTest, type Sandbox } from "../../src/code/index.ts";
import { attacks, forgeries, inspection } from "./javascript-attacks.ts";

const timeoutMs = 250;

let sandbox: Sandbox;
let port = 0;
let connections = 0;
const server = createServer(() => connections++);
beforeAll(async () => {
  process.env["SIXTYONE_SECRET"] = "leaked";
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  port = typeof address === "object" ? (address?.port ?? 0) : 0;
  // One worker: what inspects after an attack must meet the worker that was attacked.
  sandbox = await javascriptSandbox({ workers: 1, memoryBytes: 32 * 2 ** 20 });
  await sandbox.warm();
});
afterAll(() => {
  sandbox.close();
  server.close();
});

const program: CodeTest = { kind: "program", input: "", output: "42\n" };
const answer: CodeTest = { kind: "assert", code: "assert.strictEqual(answer(), 42)" };
const call: CodeTest = { kind: "call", function: "answer", args: [], expected: 42 };

const inspect: CodeTest = { kind: "program", input: "hello\n", output: "0\n" };

async function isAsNew(): Promise<void> {
  expect(await sandbox.run(inspection, [inspect])).toMatchObject([{ passed: true }]);
}

test.each(attacks)("%s", async (_, text) => {
  const source = text.replaceAll("PORT", String(port));
  for (const one of [program, answer, call]) {
    const [result] = await sandbox.run(source, [one], { timeoutMs });
    expect(result!.passed, one.kind).toBe(false);
    expect(result!.reason!.length).toBeLessThan(500);
  }
  expect(connections).toBe(0);
  await isAsNew();
});

const right = "const answer = () => 42;";
const wrong = "const answer = () => 41;";

test.each(forgeries)("forged: %s", async (_, source) => {
  const same: CodeTest = { kind: "assert", code: "assert.deepStrictEqual(answer(), 42)" };
  const results = await sandbox.run(source, [answer, same, call], { timeoutMs });
  expect(results.map(({ passed }) => passed)).toEqual([false, false, false]);
  await isAsNew();
});

test("42n is not 42 to an assertion; a call test compares the value", async () => {
  const results = await sandbox.run("const answer = () => 42n;", [answer, call]);
  expect(results.map(({ passed }) => passed)).toEqual([false, true]);
});

test("what is compared is a copy: it cannot change between two looks", async () => {
  const source = "let n = 0; const pair = () => [{ get x() { return ++n; } }];";
  const look =
    "const [p] = pair(); const a = p.x; assert(a === p.x); assert.deepStrictEqual(p, { x: a })";
  expect(await sandbox.run(source, [{ kind: "assert", code: look }])).toMatchObject([
    { passed: true },
  ]);
});

test("objects with __proto__ and prototype as keys stay data, and pollute nothing", async () => {
  const source =
    'const evil = () => JSON.parse(\'{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}\');';
  const expected = JSON.parse(
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
  ) as object;
  const check =
    "evil(); assert.strictEqual({}.polluted, undefined); assert.deepStrictEqual(Object.keys(evil()), ['__proto__', 'constructor'])";
  const results = await sandbox.run(source, [
    { kind: "call", function: "evil", args: [], expected },
    { kind: "call", function: "evil", args: [], expected: {} },
    { kind: "assert", code: check },
  ]);
  expect(results.map(({ passed }) => passed)).toEqual([true, false, true]);
  expect(({} as { polluted?: number }).polluted).toBe(undefined);
});

test("nothing leaks to the next case", async () => {
  const leak = `
globalThis.leak = 1;
Object.prototype.polluted = Array.prototype.polluted = Function.prototype.polluted = 1;
Array.prototype.map = () => [];
JSON.stringify = Math.max = () => 0;
process.env.LEAK = "1"; process.exitCode = 0;
module.exports.leak = 1;
setTimeout(() => { globalThis.leak = 2; }, 0);
delete globalThis.print; console.log = () => {};
${right}`;
  const results = await sandbox.run(leak, [answer, call, answer]);
  expect(results).toMatchObject([{ passed: true }, { passed: true }, { passed: true }]);
  await isAsNew();
  // Tests of one run are apart from each other too.
  const counting = "let n = 40; const answer = () => (n += 2);";
  expect(await sandbox.run(counting, [call, call, answer])).toMatchObject([
    { passed: true },
    { passed: true },
    { passed: true },
  ]);
});

test("a megabyte of source, input, argument, answer and output, and lone surrogates", async () => {
  const big = "x".repeat(1_000_000);
  const echo = "console.log(require('fs').readFileSync(0, 'utf8'));";
  const flood: CodeTest = { kind: "program", input: big, output: big };
  const [flooded] = await sandbox.run(echo, [flood]);
  expect(flooded).toMatchObject({ passed: false, reason: "printed more than 1000000 characters" });
  const [echoed] = await sandbox.run(echo, [flood], { maxOutputCharacters: 2_000_000 });
  expect(echoed).toMatchObject({ passed: true });
  const same: CodeTest = { kind: "call", function: "same", args: [big], expected: big };
  const bigSource = `/* ${big} */ const same = (x) => x;`;
  expect(await sandbox.run(bigSource, [same])).toMatchObject([{ passed: true }]);
  const [unlike] = await sandbox.run(`const same = (x) => x + "y";`, [same]);
  expect(unlike!.reason!.length).toBeLessThan(500);

  const lone: CodeTest = { kind: "call", function: "same", args: ["\ud800"], expected: "\ud800" };
  const results = await sandbox.run("const same = (x) => x;", [
    lone,
    { ...lone, expected: "\udfff" },
  ]);
  expect(results.map(({ passed }) => passed)).toEqual([true, false]);
  const source = "const s = '\ud800'; console.log(s.length);";
  expect(
    await sandbox.run(source, [{ kind: "program", input: "\udc00", output: "1" }]),
  ).toHaveLength(1);
});

test("a pool of several workers stays alive under many attacks at once", async () => {
  const pool = await javascriptSandbox({ workers: 2, memoryBytes: 32 * 2 ** 20 });
  try {
    const sources = [
      "while (true);",
      "const a = []; for (;;) a.push('x'.repeat(1e6) + a.length);",
      wrong,
      right,
    ];
    const runs = Array.from({ length: 16 }, (_, i) =>
      pool.run(sources[i % 4]!, [answer], { timeoutMs }),
    );
    const passed = (await Promise.all(runs)).map(([result]) => result!.passed);
    expect(passed).toEqual(passed.map((_, i) => i % 4 === 3));
  } finally {
    pool.close();
  }
});
