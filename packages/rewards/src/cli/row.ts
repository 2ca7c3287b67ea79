// One row of a file of answers: read, checked and graded.

import type { Verdict } from "../reward.ts";
import { gradeMath, type GradeMathOptions } from "../math/grade.ts";
import { verifyMath } from "../math/verify.ts";

/** What is wrong with a row, in words for whoever wrote the file. */
export class RowError extends Error {
  override readonly name = "RowError";
}

/** What is added to a row. */
export interface Graded {
  readonly verdict: Verdict;
  /** Null where no answer was found. */
  readonly extracted: string | null;
  readonly reason: string;
  readonly ms: number;
}

interface Row {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly gold: string;
  /** A whole completion, or the answer alone. */
  readonly completion: string | undefined;
  readonly answer: string;
}

/** The row with its verdict. Throws RowError if it is none. */
export function gradeRow(line: string, options: GradeMathOptions): Row["fields"] & Graded {
  const { fields, gold, completion, answer } = readRow(line);
  const started = performance.now();
  const graded =
    completion === undefined
      ? { ...verifyMath(gold, answer, options), extracted: answer.trim() }
      : gradeMath(gold, completion, options);
  const ms = performance.now() - started;
  const { verdict, extracted, reason } = graded;
  return { ...fields, verdict, extracted: extracted || null, reason, ms: Number(ms.toFixed(3)) };
}

function readRow(line: string): Row {
  let fields: unknown;
  try {
    fields = JSON.parse(line);
  } catch (error) {
    throw new RowError(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    throw new RowError(`expected an object { "gold": …, "completion": … }, got ${kindOf(fields)}`);
  }
  const row = fields as Record<string, unknown>;
  const has = (name: string): boolean => row[name] !== undefined && row[name] !== null;
  if (has("completion") && has("answer")) {
    throw new RowError('expected "completion" or "answer", got both');
  }
  const gold = textOf(row, "gold");
  const bare = has("answer");
  const given = textOf(row, bare ? "answer" : "completion", '"completion" or "answer"');
  return { fields: row, gold, completion: bare ? undefined : given, answer: given };
}

/** A text, or a number written without quotes. */
function textOf(row: Readonly<Record<string, unknown>>, name: string, shown = `"${name}"`): string {
  const value = row[name];
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  const got = value === undefined || value === null ? "none" : kindOf(value);
  throw new RowError(`expected ${shown}, a text or a number, got ${got}`);
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return `a ${typeof value === "string" ? "text" : typeof value}`;
}
