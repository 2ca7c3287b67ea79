// What a sandbox is asked to do and what it answers. Expected values of calls and programs never enter the
// sandbox: it sends back what it got, and the comparison happens outside, where the code cannot reach.

import type { Guest, Job } from "../workers/messages.ts";
import type { Plain } from "./plain-value.ts";

/** Calls a function of the completion and compares what it returns. */
export interface CallTest {
  readonly kind: "call";
  readonly function: string;
  /** Plain data: JSON values, and bigint for whole numbers beyond 2^53. */
  readonly args: readonly unknown[];
  readonly expected: unknown;
}

/** Runs the completion as a program and compares all it prints. */
export interface ProgramTest {
  readonly kind: "program";
  readonly input: string;
  readonly output: string;
}

/** Runs assertions against the completion's functions (HumanEval, MBPP). */
export interface AssertTest {
  readonly kind: "assert";
  /** Statements in the completion's language; they pass if they throw nothing. */
  readonly code: string;
  /** Trusted code before them, for instance the task's own helpers. */
  readonly setup?: string;
  /** The functions to take from the completion. Default: the names the assertions do not define. */
  readonly functions?: readonly string[];
}

export type CodeTest = CallTest | ProgramTest | AssertTest;

/** A test as the sandbox sees it. */
export type GuestTest =
  | { readonly kind: "call"; readonly function: string; readonly args: readonly Plain[] }
  | { readonly kind: "program"; readonly input: string }
  | AssertTest;

export interface GuestLimits {
  /** For one test, compilation included. */
  readonly timeoutMs: number;
  /** Of printed text; what is beyond is an error. */
  readonly maxOutputCharacters: number;
}

export interface GuestJob extends Job {
  readonly source: string;
  readonly items: readonly GuestTest[];
  readonly limits: GuestLimits;
}

export interface GuestOutcome {
  readonly status: "ok" | "error" | "timeout";
  /** The error, in a line. */
  readonly message?: string;
  /** What a call returned. */
  readonly value?: Plain;
  /** What a program printed. */
  readonly stdout?: string;
  readonly ms: number;
}

/** One interpreter, prepared. */
export type CodeGuest = Guest<GuestJob, GuestOutcome>;

export interface GuestConfig {
  readonly memoryBytes: number;
  /** Where the interpreter's files are. */
  readonly assets?: string;
  /** Python's memory as it is after its start, from a worker that has started. */
  readonly snapshot?: Snapshot;
}

/** Bytes, in base64 where messages are JSON. */
export type Snapshot = Uint8Array | string;

/** What a worker with a Python that started without a snapshot says of itself. */
export interface AboutPython {
  readonly snapshot?: Snapshot;
}
