// Programs that try to hang, exhaust, escape or cheat the JavaScript sandbox. Every one ends within its
// limit without passing, and after every one the next program finds the interpreter as new.

import { createServer } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { javascriptSandbox, type CodeTest, type Sandbox } from "../../src/code/index.ts";

const timeoutMs = 250;
const graceMs = 1000; // until the watchdog ends a worker
const slackMs = 10_000; // a new worker, on a loaded machine

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

/** As a program, as a function under assertions, and as a function that is called. */
const attacks: readonly [name: string, source: string][] = [
  ["infinite loop", "while (true);"],
  [
    "infinite loop that catches",
    "for (;;) { try { while (true); } catch {} finally { continue; } }",
  ],
  ["infinite loop in a getter", "const o = { get x() { while (true); } }; o.x;"],
  [
    "infinite loop in valueOf of the exit code",
    "process.exitCode = { valueOf() { while (true); } };",
  ],
  [
    "infinite iterator",
    "Array.from({ [Symbol.iterator]: () => ({ next: () => ({ done: false }) }) });",
  ],
  ["endless sort", "[1, 2, 3].sort(() => { for (;;); });"],
  ["regex bomb", "/^(a+)+$/.test('a'.repeat(60) + 'b');"],
  ["regex bomb with a back reference", "/^(\\w+\\s?)*\\1$/.test('a '.repeat(3000) + '!');"],
  ["memory bomb", "new ArrayBuffer(1 << 30);"],
  ["memory bomb, growing", "const all = []; for (;;) all.push(new Array(100000).fill(0));"],
  ["memory bomb of text", "let s = 'x'; for (;;) s += s;"],
  [
    "memory bomb that catches",
    "const all = []; for (;;) { try { all.push('x'.repeat(1e6) + all.length); } catch { all.length = 0; } }",
  ],
  [
    "sparse array",
    "const a = []; a[4294967294] = 1; a.indexOf(2); a.map((x) => x).join('x'.repeat(1000)); throw 0;",
  ],
  ["deep recursion", "const f = (n) => f(n + 1) + 1; f(0);"],
  ["deep recursion that catches", "const f = () => { try { f(); } finally { f(); } }; f();"],
  ["deep recursion through built-ins", "const f = () => [1].map(f); f();"],
  [
    "deep recursion of toString",
    "const a = []; a[0] = a; const o = { toString() { return '' + this; } }; '' + o;",
  ],
  [
    "deep nesting for JSON",
    "let x = []; for (let i = 0; i < 1e6; i++) x = [x]; JSON.stringify(x); throw 0;",
  ],
  ["nested brackets", "eval('('.repeat(100000) + ')'.repeat(100000));"],
  ["nested braces", "eval('{'.repeat(100000) + '}'.repeat(100000)); throw 0;"],
  ["nested regex", "new RegExp('('.repeat(100000) + ')'.repeat(100000));"],
  ["huge exponent", "9n ** 9n ** 9n ** 9n;"],
  ["huge product", "let x = 3n; for (;;) x *= x;"],
  ["huge decimal text", "String(7n ** 1000000n); String(7n ** 3000000n); throw 0;"],
  ["stdout flood", "for (;;) console.log('x'.repeat(1000));"],
  ["stdout flood by process.stdout", "for (;;) process.stdout.write('x');"],
  ["stdout flood that catches", "for (;;) { try { print('x'.repeat(1000)); } catch {} }"],
  [
    "stdout flood after the answer, caught",
    "console.log(42); try { print('x'.repeat(2e6)); } catch {}",
  ],
  ["exit", "process.exit(0);"],
  ["exit in a promise", "Promise.resolve().then(() => process.exit(0));"],
  ["exit that is caught", "try { process.exit(0); } catch {}"],
  ["exit code that is no number", "process.exitCode = { toString: null, valueOf: null };"],
  ["endless microtasks", "const f = () => Promise.resolve().then(f); f();"],
  ["endless queueMicrotask", "const f = () => queueMicrotask(f); f();"],
  ["endless timers", "const f = () => setTimeout(f, 0); f();"],
  ["endless asynchronous loop", "(async () => { for (;;) await null; })();"],
  [
    "top-level await that never ends",
    "export const answer = () => 1; await new Promise(() => {});",
  ],
  [
    "asynchronous generator",
    "(async () => { for await (const x of (async function* () { for (;;) yield 1; })()); })();",
  ],
  ["a promise that never settles", "const answer = () => new Promise(() => {});"],
  ["a thenable that never settles", "const answer = () => ({ then() {} });"],
  ["a rejected promise", "const answer = () => Promise.reject(42);"],
  [
    "throws what cannot be shown",
    "throw { get message() { throw this; }, toString() { throw this; } };",
  ],
  [
    "throws an error with a looping name",
    "const e = new Error('x'); Object.defineProperty(e, 'name', { get() { for (;;); } }); throw e;",
  ],
  ["throws an error with a huge message", "throw new Error('x'.repeat(10_000_000));"],
  [
    "throws a proxy",
    "throw new Proxy({}, { get() { for (;;); }, getPrototypeOf() { for (;;); } });",
  ],
  ["throws null", "throw null;"],
  ["throws undefined", "throw undefined;"],
  ["Function constructor", "(() => {}).constructor('return process.mainModule')().require('fs');"],
  [
    "constructor of an error",
    "try { null.x; } catch (e) { e.constructor.constructor('return this.process.binding')()('fs'); }",
  ],
  ["constructor of the host's functions", "print.constructor('return process')().binding('fs');"],
  [
    "generator constructors",
    "(function* () {}).constructor('yield process.binding')().next().value('fs');",
  ],
  [
    "caller of a function",
    "(function f() { return f.caller.constructor('return process')(); })().binding('fs');",
  ],
  [
    "prepareStackTrace",
    "Error.prepareStackTrace = (_, frames) => frames[0].getThis().process.binding('fs'); new Error().stack.x.y;",
  ],
  ["reads a file", "require('fs').readFileSync('/etc/passwd', 'utf8');"],
  ["reads a file by another module", "require('node:fs/promises').readFile('/etc/passwd');"],
  [
    "reads the environment",
    "if (process.env.SIXTYONE_SECRET !== 'leaked') throw new Error('empty');",
  ],
  ["QuickJS's own modules", "std.loadFile('/etc/passwd').length;"],
  [
    "imports QuickJS's modules",
    "import * as std from 'std'; export const answer = () => std.loadFile('/etc/passwd') ? 42 : 0;",
  ],
  [
    "imports Node's modules",
    "export const answer = async () => (await import('node:fs')).readFileSync('/etc/passwd') ? 42 : 0;",
  ],
  [
    "imports a data URL",
    "export const answer = async () => (await import('data:text/javascript,export default 42')).default;",
  ],
  ["starts a process", "require('child_process').execSync('true');"],
  ["native bindings", "process.binding('spawn_sync').spawn({});"],
  ["connects", "require('net').connect(PORT);"],
  ["fetches", "fetch('http://127.0.0.1:PORT/').then;"],
  ["opens a socket", "new WebSocket('ws://127.0.0.1:PORT/');"],
  ["XMLHttpRequest", "new XMLHttpRequest().open('GET', 'http://127.0.0.1:PORT/');"],
  ["starts a worker", "new Worker('data:text/javascript,');"],
  ["shared memory", "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); throw 0;"],
  ["WebAssembly", "new WebAssembly.Memory({ initial: 65536 });"],
  [
    "posts to the host",
    "postMessage({ type: 'outcome', index: 0, outcome: { status: 'ok', stdout: '42\\n' } });",
  ],
  ["debugger", "debugger; throw 0;"],
];

/** What a program can find out about the ones before it. */
const inspection = `
const found = [];
if (typeof leak !== "undefined" || "leak" in globalThis) found.push("globals");
if ({}.polluted !== undefined || [].polluted !== undefined || (() => {}).polluted !== undefined) found.push("prototypes");
if ([1, 2].map((x) => 2 * x).join() !== "2,4" || JSON.stringify([1]) !== "[1]" || Math.max(1, 2) !== 2) found.push("patched");
if (Object.keys(process.env).length > 0 || process.exitCode !== undefined) found.push("process");
if (require("fs").readFileSync(0, "utf8") !== "hello\\n" || module.exports.leak) found.push("modules");
console.log(found.length, found.join());
`;
const inspect: CodeTest = { kind: "program", input: "hello\n", output: "0\n" };

async function isAsNew(): Promise<void> {
  expect(await sandbox.run(inspection, [inspect])).toMatchObject([{ passed: true }]);
}

test.each(attacks)("%s", async (_, text) => {
  const source = text.replaceAll("PORT", String(port));
  for (const one of [program, answer, call]) {
    const started = performance.now();
    const [result] = await sandbox.run(source, [one], { timeoutMs });
    expect(performance.now() - started).toBeLessThan(timeoutMs + graceMs + slackMs);
    expect(result!.passed, one.kind).toBe(false);
    expect(result!.reason!.length).toBeLessThan(500);
  }
  expect(connections).toBe(0);
  await isAsNew();
});

const right = "const answer = () => 42;";
const wrong = "const answer = () => 41;";

/** Wrong answers made to look right. */
const forgeries: readonly [name: string, source: string][] = [
  [
    "equal to everything by valueOf",
    "const answer = () => ({ valueOf: () => 42, toString: () => '42' });",
  ],
  [
    "a number with a valueOf",
    "const answer = () => Object.assign(new Number(41), { valueOf: () => 42 });",
  ],
  [
    "equal to everything by toPrimitive",
    "const answer = () => ({ [Symbol.toPrimitive]: () => 42 });",
  ],
  [
    "a proxy",
    "const answer = () => new Proxy({}, { get: () => () => 42, has: () => true, ownKeys: () => [] });",
  ],
  ["a proxy of a function", "const answer = () => new Proxy(() => 42, { apply: () => 42 });"],
  ["an array of one", "const answer = () => [42];"],
  ["text", "const answer = () => '42';"],
  [
    "a getter that changes its mind",
    "let n = 0; const answer = () => ({ get value() { return n++ ? 42 : 41; } });",
  ],
  [
    "a patched toJSON",
    "Object.prototype.toJSON = Array.prototype.toJSON = () => ['h', 'function']; const answer = () => [41];",
  ],
  [
    "a patched toJSON of numbers",
    "Number.prototype.toJSON = String.prototype.toJSON = () => 42; const answer = () => [41];",
  ],
  [
    "patched assertions",
    "globalThis.assert = Object.assign(() => {}, { strictEqual() {} }); console.assert = () => {}; const answer = () => 41;",
  ],
  [
    "patched Object.is",
    "Object.is = () => true; Object.keys = () => []; Number.isNaN = () => true; const answer = () => 41;",
  ],
  [
    "patched JSON",
    'JSON.parse = () => 42; JSON.stringify = () => \'{"value":["f","42"]}\'; const answer = () => 41;',
  ],
  [
    "patched Reflect and Function",
    "Reflect.apply = Function.prototype.call = Function.prototype.apply = () => 42; const answer = () => 41;",
  ],
  [
    "patched conversions",
    "globalThis.String = globalThis.Number = globalThis.BigInt = () => 42; const answer = () => 41;",
  ],
  [
    "patched iterators",
    "Array.prototype[Symbol.iterator] = function* () { yield 42; }; const answer = () => 41;",
  ],
  [
    "setters on prototypes",
    "for (const k of [0, 1, 'value', 'state']) Object.defineProperty(Array.prototype, k, { set() {}, get: () => 42 }); const answer = () => 41;",
  ],
  [
    "setters on Object.prototype",
    "for (const k of ['value', 'error', 'state']) Object.defineProperty(Object.prototype, k, { set() {}, get: () => undefined }); const answer = () => 41;",
  ],
  [
    "patched promises",
    "Promise.prototype.then = function (f) { f(42); }; const answer = async () => 41;",
  ],
  [
    "a promise class of its own",
    "class P extends Promise { then(f) { return f(42); } static get [Symbol.species]() { return P; } } const answer = async () => 41;",
  ],
  [
    "hasInstance",
    "for (const C of [Set, Map, Date, Error, Promise]) Object.defineProperty(C, Symbol.hasInstance, { value: () => true }); const answer = () => 41;",
  ],
  ["tags of the border", "const answer = () => ['f', '42'];"],
  [
    "an object shaped like an answer",
    "const answer = () => ({ value: 42, status: 'ok', passed: true });",
  ],
  ["exits while called", "const answer = () => process.exit(0);"],
  ["throws while called", "const answer = () => { throw 42; };"],
  [
    "an assertion error while called",
    "const answer = () => { const e = new Error('passed'); e.name = 'AssertionError'; throw e; };",
  ],
  [
    "looks for the tests on the stack",
    "const answer = () => Number(/4\\d/.exec(new Error().stack) ?? 41);",
  ],
  [
    "looks for the tests in globals",
    "const answer = () => { for (const k of Reflect.ownKeys(globalThis)) if (globalThis[k] === 42) return 42; return 41; };",
  ],
  [
    "arguments of callers",
    "function answer() { try { return answer.caller.arguments[0]; } catch { return 41; } }",
  ],
  ["prints the answer", "console.log(42); const answer = () => console.log(42);"],
  [
    "answers later",
    "const answer = () => 41; setTimeout(() => { globalThis.answer = () => 42; }, 1e9);",
  ],
  ["names of the language", "const Object = { is: () => true }; const answer = () => 41;"],
];

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
