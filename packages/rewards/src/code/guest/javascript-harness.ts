// JavaScript that runs inside QuickJS before the completion: a console, standard input, the little of
// Node's interface that programs read with, and the border over which plain data goes (plain-value.ts).
// Everything it needs later is taken from the realm first, so that patching built-ins changes nothing here.

/** Evaluates to an object of functions; nothing of it is reachable from the global object. */
export const candidateHarness: string = String.raw`
(({ write, input }) => {
  const { stringify, parse } = JSON;
  const { isArray, from } = Array;
  const { entries, is, getPrototypeOf, freeze } = Object;
  const { isInteger, isNaN, isFinite } = Number;
  const apply = Reflect.apply;
  const prototypes = [Object.prototype, null];
  const StringOf = String, NumberOf = Number, BigIntOf = BigInt, MapOf = Map, SetOf = Set;
  const ErrorOf = Error, PromiseOf = Promise, then = Promise.prototype.then, DateOf = Date;
  const push = Array.prototype.push, map = Array.prototype.map, shift = Array.prototype.shift;
  const iso = Date.prototype.toISOString;

  const floatText = (v) => isNaN(v) ? "nan" : !isFinite(v) ? (v > 0 ? "inf" : "-inf") : is(v, -0) ? "-0.0" : StringOf(v);
  const encode = (v, depth) => {
    if (depth > 100) throw new ErrorOf("a value is nested more than 100 deep");
    const each = (items) => { const out = []; for (let i = 0; i < items.length; i++) out[i] = encode(items[i], depth + 1); return out; };
    if (v === null || typeof v === "boolean" || typeof v === "string") return v;
    if (v === undefined) return ["u"];
    if (typeof v === "bigint") return ["n", StringOf(v)];
    if (typeof v === "number") return ["f", floatText(v)];
    if (isArray(v)) return ["l", each(from(v))];
    if (v instanceof SetOf) return ["S", each(from(v))];
    if (v instanceof MapOf) { const out = []; const pairs = from(v); for (let i = 0; i < pairs.length; i++) out[i] = each(pairs[i]); return ["m", out]; }
    if (v instanceof DateOf) return ["T", apply(iso, v, [])];
    if (ArrayBuffer.isView(v) && !(v instanceof DataView)) return ["l", each(from(v))];
    if (typeof v === "object") {
      const proto = getPrototypeOf(v);
      if (proto === null || proto === prototypes[0]) {
        const out = [];
        const pairs = entries(v);
        for (let i = 0; i < pairs.length; i++) out[i] = [pairs[i][0], encode(pairs[i][1], depth + 1)];
        return ["d", out];
      }
    }
    if (typeof v === "symbol") return ["x", "symbol"];
    return ["h", typeof v];
  };
  const decode = (v) => {
    if (!isArray(v)) return v;
    const body = v[1];
    switch (v[0]) {
      case "u": return undefined;
      case "i": { const n = NumberOf(body); return Number.isSafeInteger(n) ? n : BigIntOf(body); }
      case "n": return BigIntOf(body);
      case "f": return body === "nan" ? NaN : body === "inf" ? Infinity : body === "-inf" ? -Infinity : NumberOf(body);
      case "l": { const out = []; for (let i = 0; i < body.length; i++) out[i] = decode(body[i]); return out; }
      case "S": return new SetOf(decode(["l", body]));
      case "m": return new MapOf(body.map(([k, x]) => [decode(k), decode(x)]));
      case "d": { const out = {}; for (const [k, item] of body) Object.defineProperty(out, isArray(k) ? StringOf(decode(k)) : k, { value: decode(item), writable: true, enumerable: true, configurable: true }); return out; }
      case "T": return new DateOf(body);
      case "h": throw new ErrorOf("only plain data crosses the border of the sandbox, not a " + (body === "function" ? body : "class instance"));
    }
    throw new ErrorOf("unknown value");
  };

  const format = (v) => {
    if (typeof v === "string") return v;
    if (typeof v === "bigint") return StringOf(v) + "n";
    if (v === null || typeof v !== "object") return typeof v === "function" ? "[Function]" : StringOf(v);
    if (v instanceof ErrorOf) return v.name + ": " + v.message;
    if (isArray(v)) return v.length === 0 ? "[]" : "[ " + apply(map, v, [inner]).join(", ") + " ]";
    if (v instanceof SetOf) return "Set(" + v.size + ") { " + from(v, inner).join(", ") + " }";
    if (v instanceof MapOf) return "Map(" + v.size + ") { " + from(v, ([k, x]) => inner(k) + " => " + inner(x)).join(", ") + " }";
    const pairs = entries(v);
    return pairs.length === 0 ? "{}" : "{ " + pairs.map(([k, x]) => (/^[A-Za-z_$][\w$]*$/.test(k) ? k : "'" + k + "'") + ": " + inner(x)).join(", ") + " }";
  };
  const inner = (v) => typeof v === "string" ? "'" + v + "'" : format(v);
  const line = (...args) => { write(args.map(format).join(" ") + "\n"); };
  const quiet = () => {};
  globalThis.console = { log: line, info: line, debug: line, error: quiet, warn: quiet, assert: quiet, table: quiet, time: quiet, timeEnd: quiet };
  globalThis.print = line;

  // Standard input as Node programs read it. There is no other file.
  const lines = () => { const all = input.split("\n"); if (all[all.length - 1] === "") all.pop(); return all; };
  let pending = null;
  globalThis.readline = () => { pending ??= lines(); return pending.length > 0 ? pending.shift() : null; };
  const timers = [];
  let timerId = 0;
  const later = (fn, ms = 0, ...args) => { timerId++; timers.push({ id: timerId, at: NumberOf(ms) || 0, fn, args }); timers.sort((a, b) => a.at - b.at || a.id - b.id); return timerId; };
  const cancel = (id) => { const at = timers.findIndex((timer) => timer.id === id); if (at >= 0) timers.splice(at, 1); };
  globalThis.setTimeout = later; globalThis.setImmediate = (fn, ...args) => later(fn, 0, ...args);
  globalThis.clearTimeout = cancel; globalThis.clearImmediate = cancel;
  const exit = { code: undefined };
  const exitSignal = freeze({ name: "Exit" });
  const stream = () => {
    const self = { setEncoding: () => self, resume: () => self, pause: () => self,
      on: (name, fn) => { if (name === "data" && input !== "") later(() => fn(input)); if (name === "end" || name === "close") later(fn, 1); return self; },
      [Symbol.asyncIterator]: async function* () { if (input !== "") yield input; } };
    self.once = self.addListener = self.on;
    return self;
  };
  globalThis.process = { argv: ["node", "main.js"], env: {}, platform: "sandbox", stdin: stream(),
    stdout: { write: (text) => (write(StringOf(text)), true) }, stderr: { write: () => true },
    exit: (code = 0) => { exit.code = NumberOf(code) || 0; throw exitSignal; }, exitCode: undefined, on: () => {},
    nextTick: (fn, ...args) => { queueMicrotask(() => fn(...args)); }, hrtime: { bigint: () => BigIntOf(DateOf.now()) * 1000000n } };
  const readFileSync = (path) => { if (path === 0 || path === "/dev/stdin" || (path && path.fd === 0)) return { toString: () => input, split: (s) => input.split(s), trim: () => input.trim(), [Symbol.toPrimitive]: () => input }; throw new ErrorOf("EACCES: there is no file system in the sandbox"); };
  const createInterface = () => {
    const queue = lines(); const on = {};
    const self = { on: (name, fn) => { on[name] = fn; if (name === "line" || name === "close") schedule(); return self; },
      question: (_, fn) => { later(() => fn(queue.shift() ?? "")); }, close: () => { queue.length = 0; }, setPrompt: quiet, prompt: quiet,
      [Symbol.asyncIterator]: async function* () { while (queue.length > 0) yield queue.shift(); } };
    let scheduled = false;
    const schedule = () => { if (scheduled) return; scheduled = true; later(() => { while (queue.length > 0) on.line?.(queue.shift()); on.close?.(); }); };
    self.once = self.on;
    return self;
  };
  const modules = { fs: { readFileSync: (path, encoding) => encoding ? readFileSync(path).toString() : readFileSync(path) }, readline: { createInterface } };
  globalThis.module = { exports: {} };
  globalThis.exports = globalThis.module.exports;
  globalThis.require = (name) => { const found = modules[StringOf(name).replace("node:", "")]; if (!found) throw new ErrorOf("Cannot find module '" + name + "': there are no modules in the sandbox"); return found; };
  const moduleObject = globalThis.module;

  const box = { state: "none", value: undefined };
  const settle = (value) => {
    if (value instanceof PromiseOf) {
      box.state = "pending";
      apply(then, value, [(v) => { box.state = "done"; box.value = v; }, (e) => { box.state = "failed"; box.value = e; }]);
    } else { box.state = "done"; box.value = value; }
  };
  const describe = (e) => {
    try { return e instanceof ErrorOf ? StringOf(e.name) + ": " + StringOf(e.message) : e === exitSignal ? "exit" : "thrown: " + StringOf(e); } catch { return "thrown: an object that cannot be shown"; }
  };
  return freeze({
    /** Calls a function by handle, or of the module's exports by name; the answer waits in the box. */
    call: (fn, text) => { try { settle(apply(fn, undefined, decode(parse(text)))); } catch (e) { box.state = "failed"; box.value = e; } },
    settle,
    /** Runs the timer that is due next; false if there is none. */
    tick: () => { const timer = apply(shift, timers, []); if (!timer) return false; timer.fn(...timer.args); return true; },
    exported: (name) => moduleObject.exports?.[name],
    settled: () => box.value,
    read: () => {
      if (box.state === "failed") return stringify({ error: describe(box.value) });
      if (box.state !== "done") return stringify({ error: "the promise never settles" });
      try { return stringify({ value: encode(box.value, 0) }); } catch (e) { return stringify({ error: describe(e) }); }
    },
    encode: (v) => stringify(encode(v, 0)),
    decode: (text) => decode(parse(text)),
    describe,
    exitCode: () => exit.code ?? (process.exitCode || undefined),
  });
})`;

/** Runs in the interpreter of the tests: assertions, and stand-ins for the completion's functions. */
export const testHarness: string = String.raw`
(({ remote }, { encode, decode }) => {
  const sameType = (a, b) => Object.prototype.toString.call(a) === Object.prototype.toString.call(b);
  const deepEqual = (a, b, same) => {
    if (same(a, b)) return true;
    if (a === null || b === null || typeof a !== "object" || typeof b !== "object" || !sameType(a, b)) return false;
    if (a instanceof Date) return a.getTime() === b.getTime();
    if (a instanceof Set) return a.size === b.size && [...a].every((x) => [...b].some((y) => deepEqual(x, y, same)));
    if (a instanceof Map) return a.size === b.size && [...a].every(([k, x]) => [...b].some(([l, y]) => deepEqual(k, l, same) && deepEqual(x, y, same)));
    const [k, l] = [Object.keys(a), Object.keys(b)];
    return (!Array.isArray(a) || a.length === b.length) && k.length === l.length && k.every((key) => Object.hasOwn(b, key) && deepEqual(a[key], b[key], same));
  };
  class AssertionError extends Error { constructor(message) { super(message); this.name = "AssertionError"; } }
  const check = (ok, message) => { if (!ok) throw message instanceof Error ? message : new AssertionError(message === undefined ? "assertion failed" : String(message)); };
  const loose = (a, b) => a == b || (a !== a && b !== b);
  const assert = (value, message) => check(value, message);
  Object.assign(assert, {
    ok: assert, equal: (a, b, m) => check(loose(a, b), m), notEqual: (a, b, m) => check(!loose(a, b), m),
    strictEqual: (a, b, m) => check(Object.is(a, b), m), notStrictEqual: (a, b, m) => check(!Object.is(a, b), m),
    deepEqual: (a, b, m) => check(deepEqual(a, b, loose), m), deepStrictEqual: (a, b, m) => check(deepEqual(a, b, Object.is), m),
    notDeepEqual: (a, b, m) => check(!deepEqual(a, b, loose), m), notDeepStrictEqual: (a, b, m) => check(!deepEqual(a, b, Object.is), m),
    throws: (fn, m) => { let threw = false; try { fn(); } catch { threw = true; } check(threw, typeof m === "string" ? m : "expected an exception"); },
    fail: (m) => check(false, m), AssertionError,
  });
  globalThis.assert = assert;
  globalThis.console.assert = assert;
  globalThis.require = (name) => { if (/^(node:)?assert(\/strict)?$/.test(name)) return assert; throw new Error("Cannot find module '" + name + "'"); };
  // Arguments are sent, answers come back as plain data: the tests never hold an object of the completion.
  return (name) => (...args) => {
    const answer = JSON.parse(remote(name, encode(args)));
    if (answer.error !== undefined) throw new Error(answer.error);
    return decode(JSON.stringify(answer.value));
  };
})`;
