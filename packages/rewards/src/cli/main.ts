#!/usr/bin/env node
// The command: npx @sixtyone/rewards grade file.jsonl

import { createReadStream, readFileSync } from "node:fs";
import { stat } from "node:fs/promises";

import { once } from "node:events";
import { parseArgs } from "node:util";
import { mathPool, type MathPoolOptions } from "../pool/reward-pool.ts";
import { gradeFile, ReadError, type Source } from "./grade.ts";
import { Report } from "./report.ts";

const help = `Grades answers in mathematics.

  rewards grade FILE [options]     FILE is JSON Lines; - is standard input

Rows:     { "id"?, "gold", "completion" }, or "answer" in place of "completion" for an answer alone.
Output:   the rows on standard output with verdict, extracted, reason and ms added.
          verdict is correct, wrong, no-answer, gold-unparsable or timeout.
Messages: bad rows, by line, and a summary on standard error. Progress if that is a terminal.

  --prefilled-think      the prompt ends with <think>: a completion without </think> has no answer
  --rounding MODE        when a rounded decimal counts as an exact number: gold (the gold answer is the
                         rounded one, default), either or never
  --tolerance X          largest relative difference of numbers that counts as equal (default 0)
  --rename-variables     2t may stand for 2x
  --unsolved             an inequality that is not solved may stand for its solutions
  --steps N              work one pair may cost (default 30000, about 15 ms)
  --timeout MS           when a row is ended from outside, whatever it does (default 5000)
  --workers N            threads (default half the processors, 1 to 4)
  --version              the version of the package
  --help                 this text

Exit code: 0 if every row was graded (whatever the verdicts), 1 if some rows were bad, 2 if the command or
the file is, or if there are no rows.
`;

/** What the user can mend; its message is all that is shown. */
class Problem extends Error {}

/** One with the command itself. */
class UsageError extends Problem {
  constructor(message: string) {
    super(`${message} (rewards --help says more)`);
  }
}

interface Settings {
  readonly file: string;
  readonly options: MathPoolOptions;
}

/** A text to show instead of grading, or what to grade. */
function readArguments(args: readonly string[]): Settings | string {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        "prefilled-think": { type: "boolean" },
        rounding: { type: "string" },
        tolerance: { type: "string" },
        "rename-variables": { type: "boolean" },
        unsolved: { type: "boolean" },
        steps: { type: "string" },
        timeout: { type: "string" },
        workers: { type: "string" },
        version: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError(messageOf(error).split(". ")[0]!);
  }
  const { values, positionals } = parsed;
  if (values.help || args.length === 0) return help;
  if (values.version) return `${version()}\n`;
  const [command, file, ...more] = positionals;
  if (command !== "grade")
    throw new UsageError(`expected the command grade, got ${command ?? "none"}`);
  if (file === undefined) throw new UsageError("grade: expected a file, or - for standard input");
  if (more.length > 0) throw new UsageError(`grade: expected one file, got ${1 + more.length}`);
  const { rounding = "gold" } = values;
  if (rounding !== "gold" && rounding !== "either" && rounding !== "never") {
    throw new UsageError(`--rounding: expected gold, either or never, got ${rounding}`);
  }
  const options = {
    rounding,
    prefilledThink: values["prefilled-think"],
    relativeTolerance: readNumber("tolerance", values.tolerance, 0),
    renameVariables: values["rename-variables"],
    unsolved: values.unsolved,
    steps: readNumber("steps", values.steps, 1),
    timeoutMs: readNumber("timeout", values.timeout, 1),
    workers: readNumber("workers", values.workers, 1),
  };
  if (options.workers !== undefined && !Number.isInteger(options.workers)) {
    throw new UsageError(`--workers: expected a whole number, got ${values.workers}`);
  }
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { file, options: Object.fromEntries(given) };
}

function version(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

function readNumber(name: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value) && value >= least) return value;
  throw new UsageError(
    `--${name}: expected a number of ${least} or more, got ${JSON.stringify(text)}`,
  );
}

async function open(file: string): Promise<Source> {
  if (file === "-") return { chunks: process.stdin, byteLength: undefined };
  try {
    const info = await stat(file);
    if (info.isDirectory()) throw new Problem(`grade: ${file} is a folder`);
    return { chunks: createReadStream(file), byteLength: info.isFile() ? info.size : undefined };
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(`grade: cannot read ${file}: ${messageOf(error)}`);
  }
}

async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function grade({ file, options }: Settings): Promise<number> {
  const source = await open(file);
  // On a terminal that shows the rows themselves, they are the progress.
  const isLive = process.stderr.isTTY === true && process.stdout.isTTY !== true;
  const report = new Report(process.stderr, isLive);
  const pool = mathPool(options);
  try {
    await gradeFile(source, write, report, pool);
  } catch (error) {
    const where = error instanceof ReadError ? `${file} cannot be read to its end: ` : "";
    throw new Problem(`grade: ${where}${messageOf(error)}`);
  } finally {
    pool.close();
    if (report.rows > 0) report.end();
  }
  if (report.rows === 0) throw new Problem(`grade: ${file} has no rows`);
  return report.badRows > 0 ? 1 : 0;
}

async function main(args: readonly string[]): Promise<number> {
  try {
    const settings = readArguments(args);
    if (typeof settings !== "string") return await grade(settings);
    await write(settings);
    return 0;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

// Whoever reads the rows may stop before the end (head): that is no error. Nor is it one if nobody listens.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  process.stderr.write(`grade: cannot write: ${error.message}\n`);
  process.exit(2);
});
process.stderr.on("error", () => {});
process.exitCode = await main(process.argv.slice(2));
