// Pairs per second beside Math-Verify, on the same pairs in the same run, turn by turn:
//
//   node --conditions=sixtyone-source packages/rewards/tools/benchmark-math.ts --python venv/bin/python
//
// where venv has math-verify==0.8.0. Prints the ratio and the slowest pair.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { extractAnswer } from "../src/extract/extract-answer.ts";
import { gradeMath } from "../src/math/grade.ts";
import { pairs } from "../test/math/pairs.ts";
import { readJsonl } from "../test/math/read-jsonl.ts";

interface Pair {
  readonly gold: string;
  readonly completion: string;
}

const suites: { readonly [name: string]: () => Pair[] } = {
  "Math-Verify's own cases": () => readJsonl<Pair>("math-verify-cases.jsonl"),
  "MATH-500 solutions": () =>
    readJsonl<{ answer: string; solution: string }>("math-500-answers.jsonl").map(
      ({ answer, solution }) => ({ gold: `$${answer}$`, completion: solution }),
    ),
  "hand-written pairs": () =>
    Object.values(pairs).flatMap(({ equal, different }) =>
      [...equal, ...different].map(([gold, answer]) => ({
        gold: `$${gold}$`,
        completion: `$${answer}$`,
      })),
    ),
};

/** Grades as Math-Verify does: the gold answer is looked for in its text too. */
function grade({ gold, completion }: Pair): void {
  gradeMath(extractAnswer(gold)?.answer ?? gold, completion);
}

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

console.log(`node ${process.version}, ${cpus()[0]?.model ?? "unknown CPU"}`);
if (!peer) console.log("Without --python <path> Math-Verify is left out.");
for (const [name, load] of Object.entries(suites)) {
  const list = load();
  // Once before, so that compiling is nobody's time; Python's imports are not counted either.
  for (const pair of list) grade(pair);
  if (peer) await peerMs(list[0]!);
  let [ours, theirs] = [0, 0];
  let slowest = { ms: 0, pair: list[0]! };
  for (const pair of list) {
    const start = performance.now();
    grade(pair);
    const ms = performance.now() - start;
    ours += ms;
    if (ms > slowest.ms) slowest = { ms, pair };
    if (peer) theirs += await peerMs(pair);
  }
  const rate = (total: number): string => ((list.length * 1000) / total).toFixed(0);
  console.log(`\n${name}: ${list.length} pairs`);
  console.log(`  sixtyone     ${rate(ours)} pairs/s`);
  if (peer)
    console.log(`  Math-Verify  ${rate(theirs)} pairs/s, ${(theirs / ours).toFixed(0)}× slower`);
  const { gold, completion } = slowest.pair;
  console.log(`  slowest pair of ours: ${slowest.ms.toFixed(2)} ms`);
  console.log(
    `    ${JSON.stringify(gold.slice(0, 80))} | ${JSON.stringify(completion.slice(0, 80))}`,
  );
}
peer?.kill();
