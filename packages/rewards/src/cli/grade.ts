// Grades a file of rows as it is read: in order, one row in memory at a time, bad rows named and left out.
// In this process: a pair costs a bounded number of steps, so nothing in a file can hold it up.

import type { GradeMathOptions } from "../math/grade.ts";
import { linesOf, maxLineCharacters } from "./lines.ts";
import type { Report } from "./report.ts";
import { gradeRow, RowError } from "./row.ts";

export interface Source {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Undefined if it is not known. */
  readonly byteLength: number | undefined;
}

/** Writes a graded row for each good one. `write` resolves when there is room for more. */
export async function gradeFile(
  source: Source,
  write: (text: string) => Promise<void>,
  report: Report,
  options: GradeMathOptions,
): Promise<void> {
  let bytesRead = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of source.chunks) {
      bytesRead += chunk.length;
      yield chunk;
    }
  };
  for await (const { number, text } of linesOf(counted())) {
    if (text === undefined) {
      report.bad(number, `longer than ${maxLineCharacters} characters`);
      continue;
    }
    if (text.trim() === "") continue;
    try {
      const row = gradeRow(text, options);
      await write(`${JSON.stringify(row)}\n`);
      const { byteLength } = source;
      report.graded(row.verdict, byteLength ? Math.min(1, bytesRead / byteLength) : undefined);
    } catch (error) {
      if (!(error instanceof RowError)) throw error;
      report.bad(number, error.message);
    }
  }
}
