// JavaScript in QuickJS (WebAssembly): a fresh machine for every test, so nothing is left of the last one.
// Assertions run in a second machine that holds stand-ins for the completion's functions: the completion
// can neither see nor patch them. Source of the interpreter: quickjs-wasi.

import type { JSValueHandle, QuickJS } from "quickjs-wasi";
import type {
  AssertTest,
  CodeGuest,
  GuestConfig,
  GuestJob,
  GuestLimits,
  GuestOutcome,
  GuestTest,
} from "../job.ts";
import { Deadline } from "./deadline.ts";
import { candidateHarness, testHarness } from "./javascript-harness.ts";

// The host's stack is 1 MB; beyond this QuickJS would overflow it before it notices.
const stackBytes = 256 * 1024;
const maxBridgeCalls = 100_000;

type Library = typeof import("quickjs-wasi");

/** A QuickJS with its harness, where the harness's functions are called by name. */
class Machine {
  readonly vm: QuickJS;
  readonly #harness: JSValueHandle;
  #printed: string[] = [];
  #printedCharacters = 0;
  readonly #limit: number;

  constructor(vm: QuickJS, limits: GuestLimits, input: string) {
    this.vm = vm;
    this.#limit = limits.maxOutputCharacters;
    const write = vm.newFunction("write", (text) => {
      const chunk = text!.toString();
      this.#printedCharacters += chunk.length;
      if (this.#printedCharacters > this.#limit) {
        throw new Error(this.#flooded);
      }
      this.#printed.push(chunk);
      return vm.undefined;
    });
    const options = vm.newObject();
    vm.setProp(options, "write", write);
    vm.setProp(options, "input", vm.newString(input));
    this.#harness = vm.callFunction(
      vm.evalCode(candidateHarness, "sandbox"),
      vm.undefined,
      options,
    );
  }

  /** All that was printed; throws if that was too much, also where the program caught the error. */
  get stdout(): string {
    if (this.#printedCharacters > this.#limit) throw new Error(this.#flooded);
    return this.#printed.join("");
  }

  get #flooded(): string {
    return `printed more than ${this.#limit} characters`;
  }

  get harness(): JSValueHandle {
    return this.#harness;
  }

  call(name: string, ...args: JSValueHandle[]): JSValueHandle {
    return this.vm.callFunction(this.#harness.getProp(name), this.vm.undefined, ...args);
  }

  /** Runs what is waiting: promises first, then timers in their order. */
  settle(isOver: () => boolean): void {
    do {
      while (this.vm.executePendingJobs() > 0) if (isOver()) return;
    } while (!isOver() && this.call("tick").toBoolean());
  }

  load(source: string): void {
    const { vm } = this;
    if (!/^\s*export\s/m.test(source)) {
      vm.evalCode(source, "solution.js");
      return;
    }
    const namespace = vm.evalCode(source, "solution.mjs", 1);
    this.call("settle", namespace);
    while (vm.executePendingJobs() > 0);
    const { error } = JSON.parse(this.call("read").toString()) as { error?: string };
    if (error !== undefined) throw new Error(error);
    vm.setProp(vm.global.getProp("module"), "exports", this.call("settled"));
  }

  /** A function of the completion: global, declared with const, or exported. */
  lookUp(name: string): JSValueHandle {
    if (!/^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*$/.test(name)) {
      throw new Error(`expected the name of a function, got ${JSON.stringify(name)}`);
    }
    const found = this.vm.evalCode(
      `typeof ${name.split(".")[0]} === "undefined" ? undefined : ${name}`,
    );
    const fn = found.isFunction ? found : this.call("exported", this.vm.newString(name));
    if (!fn.isFunction) throw new Error(`${name} is not defined as a function`);
    return fn;
  }

  /** Calls a function with encoded arguments; JSON of { value } or { error }. */
  invoke(fn: JSValueHandle, args: string, isOver: () => boolean): string {
    this.call("call", fn, this.vm.newString(args));
    this.settle(isOver);
    return this.call("read").toString();
  }
}

/** Compiles the interpreter once. */
export async function startJavascript(config: GuestConfig): Promise<CodeGuest> {
  const library: Library = await import("quickjs-wasi");
  const wasm = await compileInterpreter(config.assets);
  const deadline = new Deadline();
  const create = async (limits: GuestLimits, input: string): Promise<Machine> => {
    const vm = await library.QuickJS.create({
      wasm,
      memoryLimit: config.memoryBytes,
      maxStackSize: stackBytes,
      interruptHandler: () => deadline.isOver(),
      timezoneOffset: 0,
    });
    return new Machine(vm, limits, input);
  };
  return {
    async run({ source, items: tests, limits }: GuestJob, report) {
      for (const [index, test] of tests.entries()) {
        const started = performance.now();
        deadline.start(limits.timeoutMs);
        let outcome: Omit<GuestOutcome, "ms">;
        try {
          const machine = await create(limits, test.kind === "program" ? test.input : "");
          outcome = await runTest(machine, source, test, deadline, () => create(limits, ""));
        } catch (error) {
          outcome = { status: "error", message: messageOf(error) };
        }
        if (deadline.expired)
          outcome = { status: "timeout", message: `over ${limits.timeoutMs} ms` };
        deadline.stop();
        report(index, { ...outcome, ms: performance.now() - started });
      }
      return false;
    },
  };
}

async function compileInterpreter(assets: string | undefined): Promise<WebAssembly.Module> {
  if (assets === undefined)
    throw new Error("sandbox: expected the address of quickjs.wasm, got none");
  if (!assets.startsWith("file:")) return WebAssembly.compileStreaming(fetch(assets));
  const { readFile } = await import(
    /* @vite-ignore */ /* webpackIgnore: true */ "node:fs/promises"
  );
  return WebAssembly.compile(await readFile(new URL(assets)));
}

async function runTest(
  machine: Machine,
  source: string,
  test: GuestTest,
  deadline: Deadline,
  createTester: () => Promise<Machine>,
): Promise<Omit<GuestOutcome, "ms">> {
  const isOver = (): boolean => deadline.isOver();
  try {
    machine.load(source);
    machine.settle(isOver);
  } catch (error) {
    const code = exitCode(machine);
    if (code === undefined) throw error;
    if (test.kind !== "program" || code !== 0) throw new Error(`exit code ${code}`);
  }
  if (test.kind === "program") {
    const code = exitCode(machine) ?? 0;
    if (code !== 0) throw new Error(`exit code ${code}`);
    return { status: "ok", stdout: machine.stdout };
  }
  if (test.kind === "call") {
    const args = JSON.stringify(["l", test.args]);
    const answer = JSON.parse(machine.invoke(machine.lookUp(test.function), args, isOver)) as {
      value?: GuestOutcome["value"];
      error?: string;
    };
    if (answer.error !== undefined) return { status: "error", message: answer.error };
    return { status: "ok", value: answer.value ?? null };
  }
  assertWith(await createTester(), machine, test, isOver);
  return { status: "ok" };
}

function exitCode(machine: Machine): number | undefined {
  const code = machine.call("exitCode");
  return code.isUndefined ? undefined : code.toNumber();
}

/** Runs assertions in `tester`, whose stand-ins call into `machine`. */
function assertWith(
  tester: Machine,
  machine: Machine,
  test: AssertTest,
  isOver: () => boolean,
): void {
  const { vm } = tester;
  let calls = 0;
  const remote = vm.newFunction("remote", (name, args) => {
    if (++calls > maxBridgeCalls) throw new Error(`more than ${maxBridgeCalls} calls`);
    try {
      const fn = machine.lookUp(name!.toString());
      return vm.newString(machine.invoke(fn, args!.toString(), isOver));
    } catch (error) {
      return vm.newString(JSON.stringify({ error: messageOf(error) }));
    }
  });
  const bridge = vm.newObject();
  vm.setProp(bridge, "remote", remote);
  const standIn = vm.callFunction(
    vm.evalCode(testHarness, "tests"),
    vm.undefined,
    bridge,
    tester.harness,
  );
  if (test.setup) vm.evalCode(test.setup, "setup.js");
  for (const name of test.functions ?? freeNames(tester, test.code)) {
    vm.setProp(vm.global, name, vm.callFunction(standIn, vm.undefined, vm.newString(name)));
  }
  vm.evalCode(test.code, "tests.js");
  tester.settle(isOver);
}

/** Names that are called in the tests and defined neither there nor by the language. */
function freeNames({ vm }: Machine, code: string): string[] {
  const called = new Set(
    [...code.matchAll(/(?<![\w$.])([A-Za-z_$][\w$]*)\s*\(/g)].map((match) => match[1]!),
  );
  return [...called].filter((name) => {
    if (
      keywords.has(name) ||
      new RegExp(`\\bfunction\\s+${name.replaceAll("$", "\\$")}\\b`).test(code)
    )
      return false;
    return vm.evalCode(`typeof ${name}`).toString() === "undefined";
  });
}

const keywords = new Set(
  "if for while switch catch function return typeof await new of in do else void delete".split(" "),
);

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = `${error.name}: ${error.message}`.replace(/^Error: /, "");
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
