// A sandbox: runs the code of completions against tests, in workers that are kept warm. Which interpreter is
// behind it is its own business (javascript-sandbox.ts, python-sandbox.ts); this file compares.

import { WorkerPool, type PoolOptions } from "../workers/pool.ts";
import type { CodeTest, GuestJob, GuestOutcome, GuestTest } from "./job.ts";
import { outputDifference, type OutputOptions } from "./output.ts";
import { matches, show, toPlain } from "./plain-value.ts";

export interface SandboxOptions {
  /** Workers that run at the same time. Default: half the processors, 1 to 4. */
  readonly workers?: number;
  /** Memory one program may use, in bytes. Default 64 MiB for JavaScript, 256 MiB for Python. */
  readonly memoryBytes?: number;
  /** How long a worker may take to start. Default 60,000. */
  readonly startTimeoutMs?: number;
}

export interface RunOptions extends OutputOptions {
  /** For one test. Default 5000. */
  readonly timeoutMs?: number;
  /** Of printed text. Default 1,000,000. */
  readonly maxOutputCharacters?: number;
}

export interface TestResult {
  readonly passed: boolean;
  readonly timedOut: boolean;
  /** Why it failed. */
  readonly reason?: string;
  readonly ms: number;
}

export interface Sandbox {
  readonly language: "javascript" | "python";
  /** The result of each test, in order. Tests do not see each other. */
  run(source: string, tests: readonly CodeTest[], options?: RunOptions): Promise<TestResult[]>;
  /** Starts the workers before they are needed. */
  warm(): Promise<void>;
  /** Ends the workers. */
  close(): void;
}

/** What a program may overrun its own limit before it is ended from outside, in milliseconds. */
const graceMs = 1000;

export function sandboxPool(
  options: Omit<PoolOptions<GuestOutcome>, "graceMs" | "lost">,
): WorkerPool<GuestJob, GuestOutcome> {
  return new WorkerPool({ ...options, graceMs, lost: (loss) => loss });
}

export function sandboxOf(
  language: Sandbox["language"],
  pool: WorkerPool<GuestJob, GuestOutcome>,
): Sandbox {
  return {
    language,
    async run(source, tests, options = {}) {
      const { timeoutMs = 5000, maxOutputCharacters = 1_000_000 } = options;
      if (!(timeoutMs > 0))
        throw new RangeError(`sandbox: expected timeoutMs above 0, got ${timeoutMs}.`);
      const items = tests.map(withoutExpected);
      const limits = { timeoutMs, maxOutputCharacters };
      const outcomes = await pool.run({ source, items, limits });
      return outcomes.map((outcome, i) => judge(tests[i]!, outcome, options));
    },
    async warm() {
      await pool.warm();
    },
    close: () => pool.close(),
  };
}

/** What the code must not know stays here. */
function withoutExpected(test: CodeTest): GuestTest {
  if (test.kind === "call") {
    return { kind: "call", function: test.function, args: test.args.map((arg) => toPlain(arg)) };
  }
  return test.kind === "program" ? { kind: "program", input: test.input } : test;
}

function judge(test: CodeTest, outcome: GuestOutcome, options: RunOptions): TestResult {
  const { status, ms } = outcome;
  const failed = (reason: string): TestResult => ({
    passed: false,
    timedOut: status === "timeout",
    reason,
    ms,
  });
  if (status !== "ok") return failed(outcome.message ?? status);
  if (test.kind === "call" && !matches(test.expected, outcome.value, options)) {
    return failed(`${test.function}: expected ${show(test.expected)}, got ${show(outcome.value)}`);
  }
  if (test.kind === "program") {
    const difference = outputDifference(test.output, outcome.stdout ?? "", options);
    if (difference !== undefined) return failed(difference);
  }
  return { passed: true, timedOut: false, ms };
}
