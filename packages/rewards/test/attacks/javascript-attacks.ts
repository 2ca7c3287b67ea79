// What a model could write to hang, exhaust, escape from or cheat the JavaScript sandbox. Nothing here passes.

/** As a program, as a function under assertions, and as a function that is called. */
export const attacks: readonly [name: string, source: string][] = [
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
  ["the page", "document.body.remove();"],
  ["the page's window", "window.parent.postMessage(42, '*');"],
  ["loads a script", "importScripts('http://127.0.0.1:PORT/');"],
  ["stores for later", "indexedDB.open('leak'); localStorage.leak = 42;"],
  ["debugger", "debugger; throw 0;"],
  ["memory bomb of a typed array", "new Float64Array(1e9);"],
  ["memory bomb by resizing", "new ArrayBuffer(1, { maxByteLength: 2 ** 31 }).resize(2 ** 31);"],
  ["memory bomb by padding", "'x'.padStart(2 ** 29).length; throw 0;"],
  ["memory bomb by replacing", "let s = 'aa'; for (;;) s = s.replaceAll('a', 'aaaaaaaaaa');"],
  ["memory bomb of a whole number", "BigInt.asUintN(2 ** 50, -1n);"],
  ["joins four billion holes", "Array(4294967295).join('');"],
  ["regex of many repetitions", "/(?:(?:a{1000}){1000}){1000}b/.test('a'.repeat(1e6)); throw 0;"],
  ["nested text for JSON", "JSON.parse('['.repeat(1e6));"],
  ["nested functions", "eval('(()=>'.repeat(20000) + '1' + ')'.repeat(20000)); throw 0;"],
  ["nested templates", "eval('`${'.repeat(20000) + '}`'.repeat(20000)); throw 0;"],
  [
    "a prototype chain without an end",
    "const p = new Proxy({}, { getPrototypeOf: () => p }); p instanceof Array;",
  ],
  [
    "a proxy that asks itself",
    "const p = Object.create(new Proxy({}, { get: (t, k, r) => r[k] })); p.x;",
  ],
  [
    "finalizers",
    "const r = new FinalizationRegistry(() => { for (;;); }); for (;;) r.register({});",
  ],
  [
    "waits asynchronously",
    "Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0); throw 0;",
  ],
  [
    "a getter of the name that is called",
    "Object.defineProperty(globalThis, 'answer', { get() { for (;;); } }); answer;",
  ],
  [
    "modules of QuickJS by import()",
    "export const answer = async () => { for (const m of ['std', 'os', 'qjs:std', 'bjson']) await import(m); return 42; };",
  ],
  ["evaluates in another realm", "new ShadowRealm().evaluate('0');"],
  ["an answer of a megabyte", "const answer = () => 'x'.repeat(1_000_000); print(answer());"],
  [
    "an answer nested deep",
    "const answer = () => { let x = []; for (let i = 0; i < 1e5; i++) x = [x]; return x; }; throw 0;",
  ],
  ["an answer that holds itself", "const answer = () => { const x = {}; x.x = x; return x; };"],
  ["an answer of lone surrogates", "const answer = () => '\\ud800'; print(answer());"],
  [
    "an answer that grows while it is read",
    "const answer = () => { const a = [0]; Object.defineProperty(a, 0, { get() { for (;;) a.push(0); } }); return a; };",
  ],
];

/** Wrong answers made to look right. */
export const forgeries: readonly [name: string, source: string][] = [
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
  [
    "functions of the harness on the stack",
    "const answer = () => { Error.prepareStackTrace = (e, frames) => frames; for (const frame of new Error().stack) { try { frame.getFunction()({ value: 42 }, '[42]'); } catch {} } return 41; };",
  ],
  ["a thenable that answers twice", "const answer = () => ({ then(ok) { ok(41); ok(42); } });"],
  ["a boxed number", "const answer = () => Object(42);"],
  [
    "a tag of another kind",
    "const answer = () => ({ [Symbol.toStringTag]: 'Number', valueOf: () => 42 });",
  ],
  ["a generator", "const answer = function* () { yield 42; return 42; };"],
  [
    "patched and put back",
    "const real = JSON.stringify; JSON.stringify = () => '42'; const answer = () => { JSON.stringify = real; return 41; };",
  ],
  [
    "answers for every name",
    "Object.setPrototypeOf(globalThis, new Proxy({}, { has: () => true, get: () => () => 42 })); const answer = () => 41;",
  ],
  ["names of the language", "const Object = { is: () => true }; const answer = () => 41;"],
];

/** What a program can find out about the ones before it. */
export const inspection = `
const found = [];
if (typeof leak !== "undefined" || "leak" in globalThis) found.push("globals");
if ({}.polluted !== undefined || [].polluted !== undefined || (() => {}).polluted !== undefined) found.push("prototypes");
if ([1, 2].map((x) => 2 * x).join() !== "2,4" || JSON.stringify([1]) !== "[1]" || Math.max(1, 2) !== 2) found.push("patched");
if (Object.keys(process.env).length > 0 || process.exitCode !== undefined) found.push("process");
if (require("fs").readFileSync(0, "utf8") !== "hello\\n" || module.exports.leak) found.push("modules");
console.log(found.length, found.join());
`;
