// Measures engines against each other: each round runs all of them for a short time, one after the other
// (tinybench underneath), so that a busy machine slows all alike; medians are taken over all rounds.

import { Bench } from "tinybench";
import type { BenchEngine, Case, Prepared } from "./engine.ts";

export interface Row {
  readonly suite: string;
  readonly case: string;
  readonly engine: string;
  readonly threads: number;
  readonly medianMs: number;
  readonly value: number;
  readonly unit: string;
  /** This engine's median over ours: how many times faster we are. */
  readonly speedup: number;
}

export interface CaseOfSuite {
  readonly name: string;
  readonly work: Case;
  /** Turns a median in milliseconds into the number people compare. */
  readonly value: (medianMs: number) => number;
  readonly unit: string;
  /** Also reports the very first run, compilation and all. */
  readonly timesFirst?: boolean;
}

export const defaultRounds = 7;
const millisecondsPerTurn = 60;
/** Cases whose result takes longer run once a turn. */
const slowMilliseconds = 1000;

function median(samples: number[]): number {
  samples.sort((a, b) => a - b);
  return samples[samples.length >> 1] ?? NaN;
}

/** Milliseconds that this process has computed: what a busy machine leaves of the time does not count. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export async function measure(
  suite: string,
  item: CaseOfSuite,
  engines: readonly BenchEngine[],
  rounds: number = defaultRounds,
  now: () => number = () => performance.now(),
): Promise<Row[]> {
  const ready: {
    engine: BenchEngine;
    prepared: Prepared;
    firstMs: number;
    isSlow: boolean;
    samples: number[];
  }[] = [];
  let expected: Float32Array | undefined;
  for (const engine of engines) {
    const prepared = await engine.prepare(item.work);
    if (!prepared) continue;
    // With everything the engine compiles.
    const firstMs = item.timesFirst ? await time(prepared.run, now) : NaN;
    const start = performance.now();
    const result = await prepared.result();
    const isSlow = performance.now() - start > slowMilliseconds;
    expected ??= result;
    assertClose(`${engine.name}, ${item.name}`, result, expected);
    ready.push({ engine, prepared, firstMs, isSlow, samples: [] });
  }
  for (let round = 0; round <= rounds; round++) {
    for (const entry of ready) {
      // The first round only warms up: WebAssembly engines compile again, better, while they run.
      const bench = new Bench({
        time: millisecondsPerTurn,
        iterations: entry.isSlow ? 1 : 3,
        warmup: false,
        retainSamples: true,
        throws: true,
        now,
      });
      bench.add(entry.engine.name, entry.prepared.run as () => void);
      await bench.run();
      const result = bench.tasks[0]!.result as { latency?: { samples?: readonly number[] } };
      if (round > 0) entry.samples.push(...(result.latency?.samples ?? []));
    }
  }
  const medians = ready.map(({ samples }) => median(samples));
  const ours = medians[0]!;
  const rows = ready.map(({ engine }, i) => ({
    suite,
    case: item.name,
    engine: engine.name,
    threads: engine.threads,
    medianMs: medians[i]!,
    value: item.value(medians[i]!),
    unit: item.unit,
    speedup: medians[i]! / ours,
  }));
  if (item.timesFirst) {
    const first = ready[0]!.firstMs;
    for (const {
      engine: { name, threads },
      firstMs,
    } of ready) {
      rows.push({
        suite,
        case: `${item.name} first`,
        engine: name,
        threads,
        medianMs: firstMs,
        value: item.value(firstMs),
        unit: item.unit,
        speedup: firstMs / first,
      });
    }
  }
  for (const [
    i,
    {
      engine: { name, threads },
      prepared,
    },
  ] of ready.entries()) {
    for (const count of (await prepared.counts?.()) ?? []) {
      rows.push({
        suite,
        case: `${item.name} ${count.name}`,
        engine: name,
        threads,
        medianMs: medians[i]!,
        value: count.value,
        unit: count.unit,
        speedup: 1,
      });
    }
    prepared.dispose();
  }
  return rows;
}

async function time(run: () => unknown, now: () => number): Promise<number> {
  const start = now();
  await run();
  return now() - start;
}

function assertClose(what: string, actual: Float32Array, expected: Float32Array): void {
  const step = Math.max(1, Math.floor(expected.length / 1000));
  for (let i = 0; i < expected.length; i += step) {
    if (!(Math.abs(actual[i]! - expected[i]!) <= 1e-3 * (1 + Math.abs(expected[i]!)))) {
      throw new Error(
        `${what}: element ${i} is ${actual[i]}, ours is ${expected[i]}: they do not compute the same`,
      );
    }
  }
}
