// Measures engines against each other: each round runs all of them for a short time, one after the other
// (tinybench underneath), so that a busy machine slows all alike; medians are taken over all rounds.

import { Bench } from "tinybench";
import type { BenchEngine, Case } from "./engine.ts";

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
}

const rounds = 7;
const millisecondsPerTurn = 60;

function median(samples: number[]): number {
  samples.sort((a, b) => a - b);
  return samples[samples.length >> 1] ?? NaN;
}

export async function measure(suite: string, item: CaseOfSuite, engines: readonly BenchEngine[]): Promise<Row[]> {
  const ready: { engine: BenchEngine; run: () => unknown; dispose: () => void; samples: number[] }[] = [];
  let expected: Float32Array | undefined;
  for (const engine of engines) {
    const prepared = await engine.prepare(item.work);
    if (!prepared) continue;
    const result = await prepared.result();
    expected ??= result;
    assertClose(`${engine.name}, ${item.name}`, result, expected);
    ready.push({ engine, run: prepared.run, dispose: prepared.dispose, samples: [] });
  }
  for (let round = 0; round <= rounds; round++) {
    for (const entry of ready) {
      // The first round only warms up: WebAssembly engines compile again, better, while they run.
      const bench = new Bench({ time: millisecondsPerTurn, iterations: 3, warmup: false, retainSamples: true, throws: true });
      bench.add(entry.engine.name, entry.run as () => void);
      await bench.run();
      const result = bench.tasks[0]!.result as { latency?: { samples?: readonly number[] } };
      if (round > 0) entry.samples.push(...(result.latency?.samples ?? []));
    }
  }
  const medians = ready.map(({ samples }) => median(samples));
  const ours = medians[0]!;
  for (const { dispose } of ready) dispose();
  return ready.map(({ engine }, i) => ({
    suite, case: item.name, engine: engine.name, threads: engine.threads, medianMs: medians[i]!,
    value: item.value(medians[i]!), unit: item.unit, speedup: medians[i]! / ours,
  }));
}

function assertClose(what: string, actual: Float32Array, expected: Float32Array): void {
  const step = Math.max(1, Math.floor(expected.length / 1000));
  for (let i = 0; i < expected.length; i += step) {
    if (!(Math.abs(actual[i]! - expected[i]!) <= 1e-3 * (1 + Math.abs(expected[i]!)))) {
      throw new Error(`${what}: element ${i} is ${actual[i]}, ours is ${expected[i]}: they do not compute the same`);
    }
  }
}
