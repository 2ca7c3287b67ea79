// Pairs per second beside Math-Verify, on the same pairs in the same run, in three rounds of each by turns:
//
//   node packages/rewards/tools/benchmark-math.ts --python venv/bin/python
//
// where venv has math-verify==0.8.0. Prints the ratio of the median times and the slowest pair; hostile texts, which
// Math-Verify would spend its time limits on, and MATH-500's answers against each other for us alone.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { extractAnswer } from "../src/extract/extract-answer.ts";
import { gradeMath } from "../src/math/grade.ts";
import { costly, long } from "../test/math/hostile.ts";
import { pairs } from "../test/math/pairs.ts";
import { readJsonl } from "../test/math/read-jsonl.ts";
import { readPairs } from "../test/math/read-pairs.ts";

interface Pair {
  readonly gold: string;
  readonly completion: string;
}

const inDollars = (gold: string, answer: string): Pair => ({
  gold: `$${gold}$`,
  completion: `$${answer}$`,
});
const math500 = readJsonl<{ answer: string; solution: string }>("math-500-answers.jsonl");

const withPeer: { readonly [name: string]: () => Pair[] } = {
  "Math-Verify's own cases": () => readJsonl<Pair>("math-verify-cases.jsonl"),
  "MATH-500 solutions": () =>
    math500.map(({ answer, solution }) => ({ gold: `$${answer}$`, completion: solution })),
  "hand-written pairs": () => [
    ...Object.values(pairs).flatMap(({ equal, different }) =>
      [...equal, ...different].map(([gold, answer]) => inDollars(gold, answer)),
    ),
    ...readPairs().flatMap(({ rows }) => rows.map(([, gold, answer]) => inDollars(gold, answer))),
  ],
};

const alone: { readonly [name: string]: () => Pair[] } = {
  "MATH-500 answers against each other": () => {
    const answers = [...new Set(math500.map(({ answer }) => answer))];
    return answers.flatMap((gold) => answers.map((answer) => inDollars(gold, answer)));
  },
  "hostile texts": () => [
    ...costly.flatMap(([, answer]) => [
      { gold: "5", completion: `\\boxed{${answer}}` },
      { gold: answer, completion: `\\boxed{${answer}}` },
    ]),
    ...long.map(([, completion]) => ({ gold: "5", completion })),
  ],
};

/** Grades as Math-Verify does: the gold answer is looked for in its text too. */
function grade({ gold, completion }: Pair): void {
  gradeMath(extractAnswer(gold)?.answer ?? gold, completion);
}

function timeOf(pair: Pair): number {
  const start = performance.now();
  grade(pair);
  return performance.now() - start;
}

const median = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;

const { values } = parseArgs({ options: { python: { type: "string" } } });

const peer = values.python
  ? spawn(values.python, [fileURLToPath(new URL("benchmark-math.py", import.meta.url))], {
      stdio: ["pipe", "pipe", "ignore"],
    })
  : undefined;
const replies = peer && createInterface({ input: peer.stdout! });

async function peerMs(pair: Pair): Promise<number> {
  const reply = once(replies!, "line") as Promise<[string]>;
  peer!.stdin!.write(`${JSON.stringify(pair)}\n`);
  return (JSON.parse((await reply)[0]) as { ms: number }).ms;
}

async function run(name: string, list: readonly Pair[], beside: boolean): Promise<void> {
  // Once before, so that compiling is nobody's time; Python's imports are not counted either.
  for (const pair of list) grade(pair);
  if (beside) await peerMs(list[0]!);
  const rounds = Array.from({ length: beside ? 3 : 1 }, () => ({ ours: 0, theirs: 0 }));
  let times: number[] = [];
  for (const round of rounds) {
    times = list.map(timeOf);
    round.ours = times.reduce((sum, ms) => sum + ms, 0);
    if (!beside) continue;
    for (const pair of list) round.theirs += await peerMs(pair);
  }
  const [ours, theirs] = [
    median(rounds.map((round) => round.ours)),
    median(rounds.map((round) => round.theirs)),
  ];
  const rate = (total: number): string => ((list.length * 1000) / total).toFixed(0);
  console.log(`\n${name}: ${list.length} pairs`);
  console.log(`  sixtyone     ${rate(ours)} pairs/s`);
  if (beside) {
    console.log(`  Math-Verify  ${rate(theirs)} pairs/s, ${(theirs / ours).toFixed(0)}× slower`);
  }
  // The slowest few again: once may have been the garbage collector's time.
  const slow = times
    .map((ms, at) => ({ ms, pair: list[at]! }))
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, 10)
    .map(({ pair }) => ({ pair, ms: median(Array.from({ length: 5 }, () => timeOf(pair))) }))
    .toSorted((a, b) => b.ms - a.ms);
  const { ms, pair } = slow[0]!;
  console.log(`  slowest pair of ours: ${ms.toFixed(2)} ms`);
  console.log(
    `    ${JSON.stringify(pair.gold.slice(0, 80))} | ${JSON.stringify(pair.completion.slice(0, 80))}`,
  );
}

console.log(`node ${process.version}, ${cpus()[0]?.model ?? "unknown CPU"}`);
if (!peer) console.log("Without --python <path> Math-Verify is left out.");
for (const [name, load] of Object.entries(withPeer)) await run(name, load(), peer !== undefined);
peer?.kill();
for (const [name, load] of Object.entries(alone)) await run(name, load(), false);
