// Grades a stream of rows as it is read: rows come out in the order in which they came in, a few are in
// memory at a time, bad ones are named and left out. The work is done in a pool, whose watchdog ends a row
// that hangs.

import type { MathPool } from "../pool/reward-pool.ts";
import type { Verdict } from "../reward.ts";
import { linesOf, maxLineCharacters, type Line } from "./lines.ts";
import type { Report } from "./report.ts";
import { gradeRow, RowError } from "./row.ts";

export interface Source {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Undefined if it is not known. */
  readonly byteLength: number | undefined;
}

/** The source broke off. */
export class ReadError extends Error {
  override readonly name = "ReadError";
}

/** Rows under way at once: enough to keep every worker busy while one row takes long. */
const maxRows = 64;
/** Their characters, so that long rows do not add up. */
const maxCharacters = maxLineCharacters;

type Result =
  | { readonly row: string; readonly verdict: Verdict }
  | { readonly problem: string }
  | { readonly failure: unknown };

interface Pending {
  readonly number: number;
  readonly result: Promise<Result>;
  readonly characters: number;
  /** How much of the source was read when the row was. */
  readonly share: number | undefined;
}

/** Writes a graded row for each good one. `write` resolves when there is room for more. */
export async function gradeFile(
  source: Source,
  write: (text: string) => Promise<void>,
  report: Report,
  pool: MathPool,
): Promise<void> {
  const pending: Pending[] = [];
  let characters = 0;
  let bytesRead = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of source.chunks) {
        bytesRead += chunk.length;
        yield chunk;
      }
    } catch (cause) {
      throw new ReadError(cause instanceof Error ? cause.message : String(cause), { cause });
    }
  };
  const finishFirst = async (): Promise<void> => {
    const { number, result, share, characters: length } = pending.shift()!;
    const known = await result;
    characters -= length;
    if ("failure" in known) throw known.failure;
    if ("problem" in known) return report.bad(number, known.problem);
    await write(`${known.row}\n`);
    report.graded(known.verdict, share);
  };
  for await (const line of linesOf(counted())) {
    if (line.text?.trim() === "") continue;
    const { byteLength } = source;
    const share = byteLength ? Math.min(1, bytesRead / byteLength) : undefined;
    const length = line.text?.length ?? 0;
    characters += length;
    pending.push({ number: line.number, result: resultOf(line, pool), characters: length, share });
    while (pending.length > maxRows || (pending.length > 1 && characters > maxCharacters)) {
      await finishFirst();
    }
  }
  while (pending.length > 0) await finishFirst();
}

/** Never rejects: the row is looked at when it is its turn. */
async function resultOf({ text }: Line, pool: MathPool): Promise<Result> {
  if (text === undefined) return { problem: `longer than ${maxLineCharacters} characters` };
  try {
    return await gradeRow(text, pool);
  } catch (error) {
    return error instanceof RowError ? { problem: error.message } : { failure: error };
  }
}
