// Compares all a program printed with all it should have printed. White space at line ends and empty lines
// at the end do not count, everything else does: the number of lines too, so a right beginning is not enough.

export interface OutputOptions {
  /** Also white space at line ends and the last newline must be the same. Default false. */
  readonly exact?: boolean;
  /** Relative, for tokens that are numbers on both sides. Default 0: the same text. */
  readonly tolerance?: number;
  /** A comparison of your own, for tasks with several right outputs, in place of the one above. */
  readonly compareOutput?: (expected: string, printed: string) => boolean;
}

/** Undefined if the outputs agree, else the first difference. */
export function outputDifference(
  expected: string,
  actual: string,
  { exact = false, tolerance = 0, compareOutput }: OutputOptions = {},
): string | undefined {
  if (compareOutput)
    return compareOutput(expected, actual) ? undefined : "the output is not accepted";
  if (exact) return expected === actual ? undefined : "the output differs";
  const [want, got] = [linesOf(expected), linesOf(actual)];
  for (let i = 0; i < Math.max(want.length, got.length); i++) {
    if (want[i] === undefined) return `expected ${want.length} lines, got ${got.length}`;
    if (got[i] === undefined) return `expected ${want.length} lines, got ${got.length}`;
    if (!sameLine(want[i]!, got[i]!, tolerance)) {
      return `line ${i + 1}: expected ${cut(want[i]!)}, got ${cut(got[i]!)}`;
    }
  }
  return undefined;
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/).map((line) => line.trimEnd());
  while (lines.at(-1) === "") lines.pop();
  return lines;
}

function sameLine(want: string, got: string, tolerance: number): boolean {
  if (want === got) return true;
  if (tolerance === 0) return false;
  const [a, b] = [want.trim().split(/\s+/), got.trim().split(/\s+/)];
  return a.length === b.length && a.every((token, i) => sameToken(token, b[i]!, tolerance));
}

const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function sameToken(want: string, got: string, tolerance: number): boolean {
  if (want === got) return true;
  if (want.length > 40 || got.length > 40 || !number.test(want) || !number.test(got)) return false;
  return Math.abs(Number(want) - Number(got)) <= tolerance * Math.abs(Number(want));
}

function cut(line: string): string {
  return JSON.stringify(line.length > 80 ? `${line.slice(0, 80)}…` : line);
}
