// Python in Pyodide. The completion runs in one interpreter, whose memory is put back before every test;
// assertions run in a second one that holds stand-ins for the completion's functions, so the completion can
// neither see the expected values nor patch what judges them.

import type {
  AboutPython,
  CodeGuest,
  GuestConfig,
  GuestJob,
  GuestLimits,
  GuestOutcome,
  GuestTest,
  Snapshot,
} from "../job.ts";
import { Deadline } from "./deadline.ts";
import {
  closeGlobals,
  closeNodeModules,
  disableFinalizers,
  guardImports,
} from "./python-lockdown.ts";
import { Gate } from "./python-gate.ts";
import { candidateHarness, testHarness } from "./python-harness.ts";
import { loadInterpreter, Streams, type Interpreter } from "./python-load.ts";

type PythonFunction = (...args: unknown[]) => string;
type Answer = {
  error?: readonly [string, string, string];
  exit?: number;
  value?: GuestOutcome["value"];
};

/** The completion's side. */
interface Candidate extends Interpreter {
  readonly load: PythonFunction;
  readonly call: PythonFunction;
  readonly attribute: PythonFunction;
}

/** The tests' side. */
interface Tester extends Interpreter {
  readonly run: PythonFunction;
}

const maxBridgeCalls = 100_000;

export async function startPython(config: GuestConfig): Promise<CodeGuest> {
  const folder = config.assets;
  if (folder === undefined)
    throw new Error("sandbox: expected the address of Pyodide's files, got none");
  const inNode = folder.startsWith("file:");
  if (inNode) await closeNodeModules();
  disableFinalizers();
  const imports = guardImports(config.memoryBytes);
  const deadline = new Deadline();
  const streams = new Streams();
  const gate = new Gate();
  imports.gate = gate;
  const given = config.snapshot === undefined ? undefined : bytesOf(config.snapshot);
  const candidate = await startCandidate(folder, deadline, streams, gate, given);
  const snapshot = given ?? candidate.snapshot;
  imports.gate = undefined;
  // What the tests hold of the completion; set for the test that is running.
  const bridge = new Bridge(candidate);
  const tester = await startTester(folder, deadline, bridge, snapshot);
  const about: AboutPython =
    given || !snapshot ? {} : { snapshot: inNode ? textOf(snapshot) : snapshot };
  closeGlobals();
  return {
    about,
    async run({ source, items: tests, limits }: GuestJob, report) {
      for (const [index, test] of tests.entries()) {
        const started = performance.now();
        deadline.start(limits.timeoutMs);
        const outcome = runTest(candidate, tester, bridge, streams, source, test, limits);
        const isLate = deadline.expired;
        deadline.stop();
        candidate.reset();
        tester.reset();
        const timeout = { status: "timeout", message: `over ${limits.timeoutMs} ms` } as const;
        const shown = isLate ? timeout : outcome;
        report(index, { ...shown, ms: performance.now() - started });
        // A crash may have left the JavaScript side of the interpreter in any state.
        if (outcome.damaged) return true;
      }
      return false;
    },
  };
}

// Messages to and from Node's process are JSON, which it writes and reads; bytes go as base64.
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

function bytesOf(snapshot: Snapshot): Uint8Array {
  return typeof snapshot === "string" ? new Uint8Array(Buffer.from(snapshot, "base64")) : snapshot;
}

async function startCandidate(
  folder: string,
  deadline: Deadline,
  streams: Streams,
  gate: Gate,
  snapshot: Uint8Array | undefined,
): Promise<Candidate> {
  const interpreter = await loadInterpreter(folder, deadline, streams, snapshot);
  const { python } = interpreter;
  python.runPython(candidateHarness);
  const [load, call, attribute] = functionsOf(python.runPython("_sixtyone()[:3]"));
  // Neither the border nor Pyodide's own modules are there to be found by name.
  python.runPython(
    "del _sixtyone, _json, _sys, _types\nimport sys, gc\nfor _name in [n for n in sys.modules if n.split('.')[0] in ('js', 'pyodide', 'pyodide_js', '_pyodide', '_pyodide_core', 'micropip', 'ctypes', '_ctypes')] + ['ctypes', '_ctypes']:\n    sys.modules[_name] = None\nsys.meta_path[:] = [f for f in sys.meta_path if 'pyodide' not in type(f).__module__.lower()]\ndel _name\ngc.collect()",
  );
  gate.learn();
  tryBorder(load!, call!, attribute!);
  gate.shut();
  interpreter.freeze();
  return { ...interpreter, load: load!, call: call!, attribute: attribute! };
}

/** Every way over the border, so that the gate knows what it needs. The last call clears up. */
function tryBorder(load: PythonFunction, call: PythonFunction, attribute: PythonFunction): void {
  for (const sign of ["a", "é", "中", "\u{1d54f}", "\ud800"]) {
    load(`class A: b = "${sign}"\ndef f(x): return x\ndef g(): return A()`, "solution");
    call("f", JSON.stringify(["l", [sign]]));
    load(`raise ValueError("${sign}")`, "solution");
  }
  load("class A: b = 1\ndef g(): return A()", "solution");
  call("g", '["l",[]]');
  call("missing", '["l",[]]');
  attribute("0", "b");
  attribute("0", "missing");
  load("raise SystemExit(1)", "solution");
  load("import sys\ndel sys.modules['solution']\nsys.argv = ['']", "solution");
}

async function startTester(
  folder: string,
  deadline: Deadline,
  bridge: Bridge,
  snapshot: Uint8Array | undefined,
): Promise<Tester> {
  const interpreter = await loadInterpreter(folder, deadline, undefined, snapshot);
  const { python } = interpreter;
  python.runPython(candidateHarness);
  python.runPython(testHarness);
  python.globals.set("remote_call", bridge.call);
  python.globals.set("remote_attribute", bridge.attribute);
  const [run] = functionsOf(python.runPython("(_sixtyone_tests(*_sixtyone()[3:]),)"));
  interpreter.freeze();
  return { ...interpreter, run: run! };
}

function functionsOf(tuple: PythonTuple): PythonFunction[] {
  const functions = tuple.toJs({ create_pyproxies: true });
  tuple.destroy();
  return functions;
}

interface PythonTuple {
  toJs(options: object): PythonFunction[];
  destroy(): void;
}

/** Carries calls of the tests to the completion. */
class Bridge {
  readonly #candidate: Candidate;
  #calls = 0;

  constructor(candidate: Candidate) {
    this.#candidate = candidate;
  }

  start(): void {
    this.#calls = 0;
  }

  readonly call = (target: string, args: string): string =>
    this.#guard(() => this.#candidate.call(target, args));

  readonly attribute = (handle: string, name: string): string =>
    this.#guard(() => this.#candidate.attribute(handle, name));

  #guard(work: () => string): string {
    if (++this.#calls > maxBridgeCalls) {
      return JSON.stringify({
        error: ["RuntimeError", `more than ${maxBridgeCalls} calls`, "RuntimeError"],
      });
    }
    return String(work());
  }
}

type Outcome = Omit<GuestOutcome, "ms"> & { readonly damaged?: boolean };

function runTest(
  candidate: Candidate,
  tester: Tester,
  bridge: Bridge,
  streams: Streams,
  source: string,
  test: GuestTest,
  limits: GuestLimits,
): Outcome {
  streams.start(test.kind === "program" ? test.input : "", limits.maxOutputCharacters);
  bridge.start();
  try {
    const name = test.kind === "program" ? "__main__" : "solution";
    const loaded = JSON.parse(candidate.load(source, name)) as Answer;
    if (streams.hasFlooded)
      return {
        status: "error",
        message: `printed more than ${limits.maxOutputCharacters} characters`,
      };
    if (loaded.error) return { status: "error", message: line(loaded.error) };
    if (loaded.exit !== undefined && (test.kind !== "program" || loaded.exit !== 0)) {
      return { status: "error", message: `exit code ${loaded.exit}` };
    }
    if (test.kind === "program") return { status: "ok", stdout: streams.text };
    if (test.kind === "call") {
      const answer = JSON.parse(
        candidate.call(test.function, JSON.stringify(["l", test.args])),
      ) as Answer;
      if (answer.error) return { status: "error", message: line(answer.error) };
      return { status: "ok", value: answer.value ?? null };
    }
    const verdict = JSON.parse(
      tester.run(test.setup ?? "", test.code, JSON.stringify(test.functions ?? null)),
    ) as {
      error?: string;
    };
    return verdict.error === undefined
      ? { status: "ok" }
      : { status: "error", message: verdict.error };
  } catch (error) {
    // Python catches its own exceptions: what arrives here broke the interpreter.
    return { status: "error", message: crash(error), damaged: true };
  }
}

function line([kind, message]: readonly [string, string, string]): string {
  return message === "" ? kind : `${kind}: ${message}`;
}

function crash(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `the interpreter ended: ${text.split("\n").filter(Boolean).at(-1)?.slice(0, 200) ?? "no reason given"}`;
}
