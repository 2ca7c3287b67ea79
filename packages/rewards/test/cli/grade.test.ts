// The command as its users run it: a child process, files and pipes.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { Report } from "../../src/cli/report.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sixtyone-grade-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

interface Settings {
  /** Given to standard input, chunk by chunk. */
  readonly input?: Iterable<string | Uint8Array>;
  readonly node?: readonly string[];
  /** Closes standard output after the first chunk, as head does. */
  readonly stopsReading?: boolean;
}

function run(args: readonly string[], settings: Settings = {}): Promise<Ended> {
  const { input = [], node = [], stopsReading = false } = settings;
  const child = spawn(process.execPath, [...node, main, ...args], { cwd: folder });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    if (stopsReading) child.stdout.destroy();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin.on("error", () => {}); // it may end before it has read everything
  const feed = async (): Promise<void> => {
    for (const chunk of input) {
      if (!child.stdin.write(chunk)) {
        await new Promise((resolve) => child.stdin.once("drain", resolve).once("close", resolve));
      }
      if (child.stdin.destroyed) return;
    }
    child.stdin.end();
  };
  void feed();
  return new Promise((resolve) =>
    child.on("close", (code) => resolve({ stdout, stderr: stderr.replaceAll("\r\n", "\n"), code })),
  );
}

function file(name: string, text: string | Uint8Array): string {
  writeFileSync(join(folder, name), text);
  return name;
}

const rowsOf = (stdout: string): Record<string, unknown>[] =>
  stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const jsonl = (rows: readonly object[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join("");

test("rows come back in their order with a verdict each, the summary apart", async () => {
  const rows = [
    { id: "a", gold: "\\frac12", completion: "<think>\\boxed{7}</think>It is \\boxed{0.5}." },
    { id: "b", gold: "5", answer: "6", note: { kept: [1, null] } },
    { gold: "5", completion: "I do not know." },
    { gold: "\\frac{1}{", completion: "\\boxed{5}" },
    { gold: 5, answer: "9^9^9^9" },
    { gold: "C", completion: "The answer is (C)." },
  ];
  const { stdout, stderr, code } = await run(["grade", file("rows.jsonl", jsonl(rows))]);
  const graded = rowsOf(stdout);
  expect(graded.map(({ verdict }) => verdict)).toEqual([
    "correct",
    "wrong",
    "no-answer",
    "gold-unparsable",
    "timeout",
    "correct",
  ]);
  expect(graded.map(({ extracted }) => extracted)).toEqual([
    "0.5",
    "6",
    null,
    "5",
    "9^9^9^9",
    "(C)",
  ]);
  for (const [i, { verdict: _, extracted: __, reason, ms, ...rest }] of graded.entries()) {
    expect(rest).toEqual(rows[i]);
    expect(reason).toMatch(/\w/);
    expect(ms).toBeTypeOf("number");
  }
  expect(stderr).toMatch(
    /^graded 6 rows in \d+\.\d s: correct 2 \(33\.3 %\), wrong 1, no-answer 1, gold-unparsable 1, timeout 1\n$/,
  );
  expect(code).toBe(0);
});

test("standard input, a byte order mark, Windows line ends, no line end, empty lines", async () => {
  const text = '\ufeff{"gold":"5","answer":"5"}\r\n\r\n{"gold":"é\u2028","answer":"é\u2028"}';
  const bytes = new TextEncoder().encode(text);
  // Chunks of one byte: characters and line ends fall between them.
  const input = Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
  const { stdout, code } = await run(["grade", "-"], { input });
  expect(rowsOf(stdout)).toMatchObject([{ verdict: "correct" }, { verdict: "correct" }]);
  expect(code).toBe(0);
});

test("numbers keep their digits", async () => {
  const line =
    '{"id":12345678901234567890,"gold":12345678901234567891,"answer":"12345678901234567892","x":1.0}';
  const { stdout } = await run(["grade", "-"], { input: [line] });
  expect(stdout.startsWith(line.slice(0, -1))).toBe(true);
  expect(rowsOf(stdout)).toMatchObject([{ verdict: "wrong" }]);
});

test("bad rows are named by line and left out; the rest is graded", async () => {
  const deep = `{"gold":"5","answer":"5","deep":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
  const lines = [
    "nonsense",
    '{"gold":"5","answer":"5"}',
    '{"answer":"5"}',
    '{"gold":"5"}',
    '{"gold":"5","answer":"5","completion":"5"}',
    '{"gold":["5"],"answer":"5"}',
    "[1]",
    "null",
    '"text"',
    '{"gold":"5","answer":"5"',
    deep,
    '{"gold":"5","answer":null}',
    '{"__proto__":{"gold":"5"},"answer":"5"}',
    '{"gold":"5","answer":"6"}',
  ];
  const { stdout, stderr, code } = await run(["grade", "-"], { input: [lines.join("\n")] });
  expect(rowsOf(stdout)).toMatchObject([{ verdict: "correct" }, { verdict: "wrong" }]);
  const said = stderr.trimEnd().split("\n");
  const summary = said.pop();
  expect(said).toEqual([
    expect.stringMatching(/^line 1: not JSON: [^\n]*nonsense/),
    'line 3: expected "gold", a text or a number, got none',
    'line 4: expected "completion" or "answer", a text or a number, got none',
    'line 5: expected "completion" or "answer", got both',
    'line 6: expected "gold", a text or a number, got a list',
    'line 7: expected an object { "gold": …, "completion": … }, got a list',
    'line 8: expected an object { "gold": …, "completion": … }, got null',
    'line 9: expected an object { "gold": …, "completion": … }, got a text',
    expect.stringMatching(/^line 10: not JSON: /),
    "line 11: nested too deep",
    'line 12: expected "completion" or "answer", a text or a number, got none',
    'line 13: expected "gold", a text or a number, got none',
  ]);
  expect(summary).toMatch(/^graded 2 rows .*; 12 bad rows$/);
  expect(code).toBe(1);
});

test("a wrong file does not fill the screen", async () => {
  const { stdout, stderr, code } = await run(["grade", file("text.txt", "x\n".repeat(1000))]);
  expect(stdout).toBe("");
  expect(stderr.split("\n").length).toBeLessThan(25);
  expect(stderr).toContain("further bad rows are only counted");
  expect(stderr).toContain("1,000 bad rows");
  expect(code).toBe(1);
});

test("a row that hangs is ended from outside, in its place; the others are graded", async () => {
  const sum = "\\sum_{k=1}^{1000}\\sum_{j=1}^{1000}\\sum_{i=1}^{1000} ijk";
  const rows = Array.from({ length: 12 }, (_, i) => ({
    id: i,
    gold: "5",
    answer: i % 4 === 1 ? sum : "5",
  }));
  const args = ["grade", "-", "--steps", "1e12", "--timeout", "1000", "--workers", "2"];
  const { stdout, code } = await run(args, { input: [jsonl(rows)] });
  const graded = rowsOf(stdout);
  expect(graded.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
  expect(graded.map(({ verdict }) => verdict)).toEqual(
    rows.map((_, i) => (i % 4 === 1 ? "timeout" : "correct")),
  );
  expect(graded[1]).toMatchObject({ reason: "over 1000 ms, ended from outside" });
  expect(code).toBe(0);
});

test("options reach the grader", async () => {
  const input = [jsonl([{ gold: "\\pi", answer: "3.1416" }])];
  const verdictWith = async (...options: string[]): Promise<unknown> =>
    rowsOf((await run(["grade", ...options, "-"], { input })).stdout)[0]!["verdict"];
  expect(await verdictWith()).toBe("wrong");
  expect(await verdictWith("--rounding", "either")).toBe("correct");
  expect(await verdictWith("--tolerance=0.001")).toBe("correct");
  const prefilled = [jsonl([{ gold: "5", completion: "\\boxed{5}" }])];
  const { stdout } = await run(["grade", "--prefilled-think", "-"], { input: prefilled });
  expect(rowsOf(stdout)).toMatchObject([{ verdict: "no-answer" }]);
});

test.each([
  [["grade"], "grade: expected a file, or - for standard input (rewards --help says more)"],
  [["judge", "x"], "expected the command grade, got judge (rewards --help says more)"],
  [["grade", "a", "b"], "grade: expected one file, got 2 (rewards --help says more)"],
  [["grade", "--fast", "x"], "Unknown option '--fast' (rewards --help says more)"],
  [
    ["grade", "x", "--rounding", "up"],
    "--rounding: expected gold, either or never, got up (rewards --help says more)",
  ],
  [
    ["grade", "x", "--steps", "many"],
    '--steps: expected a number of 1 or more, got "many" (rewards --help says more)',
  ],
  [
    ["grade", "x", "--timeout", "0"],
    '--timeout: expected a number of 1 or more, got "0" (rewards --help says more)',
  ],
  [
    ["grade", "x", "--workers", "1.5"],
    "--workers: expected a whole number, got 1.5 (rewards --help says more)",
  ],
  [
    ["grade", "missing.jsonl"],
    /^grade: cannot read missing\.jsonl: ENOENT: no such file or directory.*$/,
  ],
  [["grade", "."], "grade: . is a folder"],
  [["grade", "empty.jsonl"], "grade: empty.jsonl has no rows"],
  [["grade", "-"], "grade: - has no rows"],
])("%j is refused in a line", async (args, message) => {
  file("empty.jsonl", "\n \n");
  const { stdout, stderr, code } = await run(args);
  expect(stdout).toBe("");
  expect(stderr.split("\n")).toEqual([
    typeof message === "string" ? message : expect.stringMatching(message),
    "",
  ]);
  expect(code).toBe(2);
});

test("help and version", async () => {
  for (const args of [["--help"], ["grade", "-h"], []]) {
    const { stdout, code } = await run(args);
    expect(stdout).toContain("rewards grade FILE [options]");
    expect(code).toBe(0);
  }
  expect((await run(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test("whoever reads may stop before the end", async () => {
  const rows = Array.from({ length: 20_000 }, (_, id) => ({ id, gold: "5", answer: "5" }));
  const args = ["grade", file("many.jsonl", jsonl(rows))];
  const { stdout, stderr, code } = await run(args, { stopsReading: true });
  expect(stdout).toContain('{"id":0,');
  expect(stderr).toBe("");
  expect(code).toBe(0);
});

test.skipIf(!existsSync("/dev/full"))("a full disk is said in a line", () => {
  const stdio = ["pipe", openSync("/dev/full", "w"), "pipe"] as const;
  const input = '{"gold":"5","answer":"5"}';
  const { stderr, status } = spawnSync(process.execPath, [main, "grade", "-"], {
    input,
    stdio: [...stdio],
    encoding: "utf8",
  });
  expect(stderr).toMatch(/^grade: cannot write: ENOSPC[^\n]*\n/);
  expect(status).toBe(2);
});

test("a hundred megabytes pass through little memory", async () => {
  const row = `${JSON.stringify({ gold: "5", completion: `${"so ".repeat(70_000)}\\boxed{5}` })}\n`;
  const input = (function* (): Generator<string> {
    for (let i = 0; i < 500; i++) yield row;
  })();
  const node = ["--max-old-space-size=80"];
  const { stderr, code } = await run(["grade", "-"], { input, node });
  expect(stderr).toMatch(/^graded 500 rows in [\d.]+ s: correct 500 /);
  expect(code).toBe(0);
});

test("a line beyond the limit is a bad row and is not kept", async () => {
  const part = "x".repeat(2 ** 20);
  const input = (function* (): Generator<string> {
    yield '{"gold":"5","answer":"5"}\n{"gold":"5","answer":"';
    for (let i = 0; i < 65; i++) yield part;
    yield '"}\n{"gold":"5","answer":"5"}\n';
  })();
  const { stdout, stderr, code } = await run(["grade", "-"], { input });
  expect(rowsOf(stdout)).toHaveLength(2);
  expect(stderr).toContain("line 2: longer than 67108864 characters");
  expect(code).toBe(1);
});

test("progress goes to a terminal and nowhere else", () => {
  const shown = (isLive: boolean, columns = 30): string => {
    let text = "";
    const screen = { columns, write: (part: string) => (text += part) };
    const report = new Report(screen, isLive);
    report.graded("correct", 0.5);
    report.bad(2, "not JSON");
    report.end();
    return text;
  };
  const clear = "\r\u001b[2K";
  const parts = shown(true).split(clear);
  expect(parts[1]).toMatch(/^50 % {2}1 rows/);
  expect(parts[1]!.length).toBeLessThan(30);
  expect(parts[2]).toBe("line 2: not JSON\n");
  expect(parts[3]).toMatch(/^graded 1 row in 0\.0 s: correct 1 \(100\.0 %\), .*; 1 bad row\n$/);
  expect(shown(true, 0)).toContain("50 %  1 rows");
  expect(shown(false)).not.toContain("\r");
  expect(shown(false)).toMatch(/^line 2: not JSON\ngraded 1 row in /);
});
