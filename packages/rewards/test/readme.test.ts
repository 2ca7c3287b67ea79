// What the README says is so: its programs run, and each line `expression; // value` has that value.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import * as javascript from "./attacks/javascript-attacks.ts";
import * as python from "./attacks/python-attacks.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const blocks = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, "gm"))].map(
    (match) => match[1]!,
  );

const entries: Readonly<Record<string, string>> = {
  "@sixtyone/rewards": "index.ts",
  "@sixtyone/rewards/code": "code/index.ts",
  "@sixtyone/rewards/pool": "pool/index.ts",
  "@sixtyone/rewards/language": "language/language-consistency.ts",
  "@sixtyone/rewards/ngram": "language/ngram-identifier.ts",
  "@sixtyone/rewards/compat/openR1": "compat/open-r1.ts",
};

const folder = mkdtempSync(join(tmpdir(), "sixtyone-readme-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The program, which prints a pair [value, value as written] for each line that states one. */
function instrumented(block: string): string {
  const body = block.replace(
    /^(?!import|const|let|\/\/|[ \]}])(.*); \/\/ (.+)$/gm,
    (_, expression: string, value: string) =>
      `__pairs.push([${JSON.stringify(expression)}, await (${expression}), (${value})]);`,
  );
  const resolved = body.replace(/from "(@sixtyone\/[^"]+)"/g, (_, name: string) => {
    const url = new URL(`../src/${entries[name]!}`, import.meta.url).href;
    return `from ${JSON.stringify(url)}`;
  });
  return `const __pairs: unknown[] = [];\n${resolved}\nconsole.log(JSON.stringify(__pairs, (_, v) => v === undefined ? "undefined" : v));`;
}

const programs = blocks("ts").filter((block) => !block.startsWith("// In a browser"));

test("the programs of the README are found", () => {
  expect(programs.length).toBeGreaterThanOrEqual(7);
});

test.each(programs.map((block, i) => [i, block] as const))("program %d", (i, block) => {
  const path = join(folder, `program-${i}.ts`);
  writeFileSync(path, instrumented(block));
  const { stdout, stderr } = spawnSync(process.execPath, [path], { encoding: "utf8" });
  expect(stderr).toBe("");
  const pairs = JSON.parse(stdout) as [expression: string, got: unknown, stated: unknown][];
  expect(pairs.length).toBeGreaterThan(0);
  for (const [expression, got, stated] of pairs) {
    if (typeof stated === "object" && stated !== null)
      expect(got, expression).toMatchObject(stated);
    else expect(got, expression).toEqual(stated);
  }
});

test("the command's rows", () => {
  const shown = blocks("jsonl")[0]!.trim().split("\n");
  const given = shown.map((line) => line.replace(/,"verdict".*/, "}"));
  const main = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
  const input = given.join("\n");
  const { stdout } = spawnSync(process.execPath, [main, "grade", "-"], { input, encoding: "utf8" });
  const withoutTime = (line: string): string => line.replace(/,"ms".*/, "");
  expect(stdout.trim().split("\n").map(withoutTime)).toEqual(shown.map(withoutTime));
});

test("the attacks are as many as it says", () => {
  const count = ({ attacks, forgeries }: typeof javascript | typeof python): number =>
    attacks.length + forgeries.length;
  expect(readme).toContain(`${count(javascript)} attacks on the JavaScript sandbox`);
  expect(readme).toContain(`${count(python)} attacks on the Python sandbox`);
});

test("every reward that is exported is in the README, and every entry of the package", async () => {
  const manifest = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  ) as { exports: object };
  for (const name of Object.keys(manifest.exports)) {
    if (name !== "./package.json") expect(readme).toContain(name.slice(1).replace(/^\//, ""));
  }
  const library = (await import("../src/index.ts")) as object;
  const helpers = [
    "boxedContents",
    "codeBlocks",
    "extractCode",
    "splitReasoning",
    "lastAnswer",
    "tokenCount",
    "defaultFinders",
  ];
  const missing = Object.keys(library).filter((name) => !readme.includes(name));
  expect(missing.filter((name) => !helpers.includes(name))).toEqual([]);
});
