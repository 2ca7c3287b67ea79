// Random texts for every reward that reads them, for as long as wanted:
//
//   SIXTYONE_FUZZ_SECONDS=600 node packages/rewards/tools/fuzz.ts
//
// Fails if a reward throws, says something that is no verdict, or is still at one batch of 200 texts after 30
// seconds. SIXTYONE_FUZZ_SEED repeats a run; a batch that failed is named by its seed.

import fc from "fast-check";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import {
  boxedFormat,
  codeFenceFormat,
  exactAnswer,
  gradeMath,
  reasoningSteps,
  repetitionPenalty,
  tagCount,
  thinkAnswerFormat,
  verifyMath,
  type Reward,
} from "../src/index.ts";
import { countdown } from "../src/countdown/countdown.ts";
import { languageConsistency } from "../src/language/language-consistency.ts";
import { texts } from "../test/math/random-texts.ts";

const batchSize = 200;
const patienceMs = 30_000;
const verdicts = new Set(["correct", "wrong", "no-answer", "gold-unparsable", "timeout"]);
const rewards: readonly Reward[] = [
  exactAnswer(),
  thinkAnswerFormat({ partial: true }),
  boxedFormat(),
  codeFenceFormat(),
  languageConsistency(),
  repetitionPenalty(),
  reasoningSteps(),
  tagCount(),
  countdown(),
];

interface Report {
  readonly seed: number;
  readonly slowestMs?: number;
  readonly slowest?: string;
  readonly failure?: string;
}

async function judge(gold: string, text: string): Promise<void> {
  for (const { verdict, reason } of [verifyMath(gold, text), gradeMath(gold, text)]) {
    if (!verdicts.has(verdict)) throw new Error(`no verdict: ${verdict}`);
    if (reason.startsWith("internal error")) throw new Error(reason);
  }
  const context = { gold, numbers: [1, 2, 3], target: 6 };
  for (const reward of rewards) {
    const value = await reward(text, context);
    if (value !== null && !Number.isFinite(value)) throw new Error(`a reward of ${value}`);
  }
}

async function batch(seed: number): Promise<Report> {
  let slowestMs = 0;
  let slowest = "";
  try {
    await fc.assert(
      fc.asyncProperty(texts, texts, async (gold, text) => {
        // The processor's time: other programs may have the clock's.
        const start = process.threadCpuUsage();
        await judge(gold, text);
        const { user, system } = process.threadCpuUsage(start);
        const ms = (user + system) / 1000;
        if (ms > slowestMs) {
          slowestMs = ms;
          slowest = `${JSON.stringify(gold.slice(0, 60))} | ${JSON.stringify(text.slice(0, 60))}`;
        }
      }),
      { seed, numRuns: batchSize },
    );
    return { seed, slowestMs, slowest };
  } catch (error) {
    return { seed, failure: String(error) };
  }
}

async function work(first: number): Promise<void> {
  for (let seed = first; ; seed++) parentPort!.postMessage(await batch(seed));
}

function watch(seconds: number, first: number): void {
  const worker = new Worker(new URL(import.meta.url), { workerData: first });
  const end = Date.now() + seconds * 1000;
  let batches = 0;
  let slowest: Report = { seed: first, slowestMs: 0 };
  let patience: NodeJS.Timeout | undefined;
  const stop = async (code: number, message: string): Promise<void> => {
    clearTimeout(patience);
    await worker.terminate();
    console.log(message);
    console.log(
      `${batches * batchSize} pairs of texts from seed ${first}; the slowest took ${slowest.slowestMs?.toFixed(1)} ms of the processor: ${slowest.slowest}`,
    );
    process.exitCode = code;
  };
  const wait = (seed: number): void => {
    clearTimeout(patience);
    patience = setTimeout(() => void stop(1, `the batch of seed ${seed} hangs`), patienceMs);
  };
  wait(first);
  worker.on("message", (report: Report) => {
    batches++;
    if (report.failure !== undefined) {
      void stop(1, `the batch of seed ${report.seed} failed: ${report.failure}`);
      return;
    }
    if (report.slowestMs! > slowest.slowestMs!) slowest = report;
    if (Date.now() > end) void stop(0, "nothing threw, nothing hung");
    else wait(report.seed + 1);
  });
  worker.on("error", (error) => void stop(1, String(error)));
}

const seconds = Number(process.env["SIXTYONE_FUZZ_SECONDS"] ?? 60);
const seed = Number(process.env["SIXTYONE_FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 30));
if (isMainThread) watch(seconds, seed);
else await work(workerData as number);
