// open-r1's and TRL's rewards against what the originals say (tools/compat-cases.py).

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as openR1 from "../../src/compat/open-r1.ts";
import * as trl from "../../src/compat/trl.ts";
import { javascriptSandbox } from "../../src/code/index.ts";
import type { Reward } from "../../src/index.ts";

interface Case {
  readonly library: "openR1" | "trl";
  readonly name: string;
  readonly text: string;
  readonly gold?: string;
  readonly options?: object;
  readonly tokenIds?: readonly number[];
  readonly group?: readonly { readonly text: string; readonly gold: string }[];
  readonly expected: number | null | readonly number[];
}

const cases = readFileSync(new URL("../data/compat-cases.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Case);
const libraries = { openR1, trl } as unknown as Record<
  string,
  Record<string, (options?: object) => Reward>
>;

/** Where the reward rests on Math-Verify's comparison and ours is another, with the reason. */
const known: readonly (readonly [gold: string, text: string, reason: string])[] = [
  ["$2^{-99}$", "\\boxed{2^{-98}}", "there numbers below 1e-15 are all the same"],
];

const isKnown = (gold: string | undefined, text: string): boolean =>
  known.some(([gold_, text_]) => gold_ === gold && text_ === text);

/** Both are sums in floating point, in another order. */
function isSame(got: number | null, expected: number | null): boolean {
  if (got === null || expected === null) return got === expected;
  return Math.abs(got - expected) < 1e-15;
}

const byName = Map.groupBy(cases, ({ library, name }) => `${library} ${name}`);

test.each([...byName])("%s", async (_, rows) => {
  const differences: unknown[] = [];
  for (const { library, name, text, group, expected, options, ...context } of rows) {
    const reward = libraries[library]![name]!(options);
    if (group) {
      const details = await reward.group!(
        group.map((row) => row.text),
        group.map(({ gold }) => ({ gold })),
      );
      details.forEach(({ reward: got }, i) => {
        const { gold, text } = group[i]!;
        const want = (expected as readonly number[])[i]!;
        if (!isSame(got, want) && !isKnown(gold, text)) differences.push({ text, gold, want, got });
      });
      continue;
    }
    const got = await reward(text, context);
    if (!isSame(got, expected as number | null) && !isKnown(context.gold, text)) {
      differences.push({ text, ...context, options, expected, got });
    }
  }
  expect(differences).toEqual([]);
});

test("it sees every reward that is compared", () => {
  expect(cases.length).toBeGreaterThan(600);
  expect(byName.size).toBe(15);
});

test("open-r1's code rewards: a right beginning of the output is enough, unlike ours", async () => {
  const python = "```python\nprint(1)\n```";
  const sandbox = await javascriptSandbox({ workers: 1 });
  try {
    // The sandbox is what runs the text: here JavaScript in a fence that says python.
    const completion = (code: string): string => `\`\`\`python\n${code}\n\`\`\``;
    const test_cases = [
      { input: "", output: "1\n2\n3" },
      { input: "", output: "1" },
      { input: "", output: "2" },
      { input: "", output: "" },
    ];
    const context = { verification_info: { language: "python", test_cases } };
    const { codeReward, binaryCodeReward } = openR1;
    expect(await codeReward({ sandbox })(completion("print(1)"), context)).toBe(0.5);
    expect(await codeReward({ sandbox })(completion("throw 1"), context)).toBe(0);
    expect(await binaryCodeReward({ sandbox })(completion("print(1)"), context)).toBe(0);
    const first = { verification_info: { test_cases: test_cases.slice(0, 2) } };
    expect(await binaryCodeReward({ sandbox })(completion("print(1)"), first)).toBe(1);
    for (const fence of [
      "```py\nprint(1)\n```",
      "```Python\nprint(1)\n```",
      "```python\nprint(1)",
    ]) {
      expect(await codeReward({ sandbox })(fence, first)).toBe(0);
    }
    // A fence inside the code cuts it off, and what is left does not run.
    expect(await codeReward({ sandbox })(completion("print(1); '```'"), first)).toBe(0);
    expect(await codeReward({ sandbox })(python, {})).toBe(null);
  } finally {
    sandbox.close();
  }
});

test("open-r1's Codeforces reward: three ways to score, -1 without code", async () => {
  const sandbox = await javascriptSandbox({ workers: 1 });
  try {
    const official_tests = [
      { input: "", output: "1" },
      { input: "", output: "2" },
    ];
    const context = { language: "python", official_tests, time_limit: 2 };
    const score = (scoringMode: "pass_fail" | "partial" | "weighted_sum", code: string) =>
      openR1.cfCodeReward({ sandbox, scoringMode })(`\`\`\`python\n${code}\n\`\`\``, context);
    expect(await score("pass_fail", "print(1)")).toBe(0);
    expect(await score("partial", "print(1)")).toBe(0.5);
    expect(await score("weighted_sum", "print(1)")).toBe(0.05);
    const reward = openR1.cfCodeReward({ sandbox });
    const easy = { ...context, official_tests: official_tests.slice(0, 1) };
    expect(await reward("```python\nprint(1)\n```", easy)).toBe(1.1);
    // Unlike `code`, the right beginning of an output is not enough.
    expect(await reward("```python\nprint(1); print(2)\n```", easy)).toBe(0);
    expect(await reward("print(1)", context)).toBe(-1);
    expect(await reward("print(1)", { ...context, official_tests: [] })).toBe(null);
    expect(await reward("print(1)", { ...context, language: "cpp" })).toBe(null);
  } finally {
    sandbox.close();
  }
});
