// One row of a file of answers: read, checked and graded.

import type { MathPool } from "../pool/reward-pool.ts";
import type { Verdict } from "../reward.ts";

/** What is wrong with a row, in words for whoever wrote the file. */
export class RowError extends Error {
  override readonly name = "RowError";
}

export interface GradedRow {
  /** JSON: the row as it was, with verdict, extracted (null where no answer was found), reason and ms. */
  readonly row: string;
  readonly verdict: Verdict;
}

/** Rejects with RowError if the line is no row. */
export async function gradeRow(line: string, pool: MathPool): Promise<GradedRow> {
  const { fields, gold, completion, answer } = readRow(line);
  const graded =
    completion === undefined
      ? { ...(await pool.verify(gold, answer)), extracted: answer.trim() }
      : await pool.grade(gold, completion);
  const { verdict, extracted, reason } = graded;
  const ms = Number(graded.ms.toFixed(3));
  return {
    row: JSON.stringify({ ...fields, verdict, extracted: extracted || null, reason, ms }),
    verdict,
  };
}

interface Row {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly gold: string;
  /** A whole completion, or the answer alone. */
  readonly completion: string | undefined;
  readonly answer: string;
}

function readRow(line: string): Row {
  const fields = parse(line);
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    throw new RowError(`expected an object { "gold": …, "completion": … }, got ${kindOf(fields)}`);
  }
  const row = fields as Record<string, unknown>;
  const has = (name: string): boolean =>
    Object.hasOwn(row, name) && row[name] !== undefined && row[name] !== null;
  if (has("completion") && has("answer")) {
    throw new RowError('expected "completion" or "answer", got both');
  }
  const gold = textOf(row, "gold");
  const bare = has("answer");
  const given = textOf(row, bare ? "answer" : "completion", '"completion" or "answer"');
  return { fields: row, gold, completion: bare ? undefined : given, answer: given };
}

// JSON.parse's third argument to its reviver and JSON.rawJSON (ECMAScript 2026; in Node since 21), which the
// compiler's library does not know.
interface RawJson {
  readonly rawJSON: string;
}
const { rawJSON, isRawJSON } = JSON as unknown as {
  readonly rawJSON: (text: string) => RawJson;
  readonly isRawJSON: (value: unknown) => value is RawJson;
};

/** Numbers keep their digits: an id or an answer of twenty of them is no double. */
function parse(line: string): unknown {
  const exact = (_: string, value: unknown, { source }: { source: string }): unknown =>
    typeof value === "number" && String(value) !== source ? rawJSON(source) : value;
  try {
    return JSON.parse(line, exact as (key: string, value: unknown) => unknown);
  } catch (error) {
    if (error instanceof RangeError) throw new RowError("nested too deep");
    // The parser's own "line 1" is not the file's.
    const text = error instanceof Error ? error.message : String(error);
    throw new RowError(`not JSON: ${text.replace(/ \(line 1 column \d+\)$/, "")}`);
  }
}

/** A text, or a number written without quotes. */
function textOf(row: Readonly<Record<string, unknown>>, name: string, shown = `"${name}"`): string {
  const value = Object.hasOwn(row, name) ? row[name] : undefined;
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  if (isRawJSON(value)) return value.rawJSON;
  const got = value === undefined || value === null ? "none" : kindOf(value);
  throw new RowError(`expected ${shown}, a text or a number, got ${got}`);
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (isRawJSON(value)) return "a number";
  if (typeof value === "object") return "an object";
  return `a ${typeof value === "string" ? "text" : typeof value}`;
}
