// Speed of one backend on the work that training and decoding are made of: a table by tinybench. Medians,
// with the arithmetic and the memory traffic that the ops say they need (a chain of elementwise ops counts what
// each would move, so fused it may go faster than the memory). Comparisons with other libraries are the
// benchmarks package's business.

import { Bench } from "tinybench";
import {
  attention,
  createDevice,
  embedding,
  groupedMatmul,
  linearLogProb,
  rmsNorm,
  scatterAdd,
  sort,
  type Backend,
  type Device,
  cumsum,
} from "@sixtyone/tensor";
import { costOf } from "./observed.ts";
import { asList, type OpCase } from "./op-case.ts";
import type { Operand } from "./operand.ts";
import { applyCase, createLeaves } from "./run-case.ts";

export interface PerfOptions {
  readonly name: string;
  readonly create: () => Promise<Backend>;
  /** Divides the sizes: 1 for a real backend, more for slow ones and for trying out. Default 1. */
  readonly shrink?: number;
  /** Time for each row in ms. Default 300. */
  readonly timeMs?: number;
}

export interface PerfRow {
  readonly name: string;
  readonly medianMs: number;
  readonly gflops: number;
  readonly gigabytesPerSecond: number;
}

interface PerfCase extends OpCase {
  readonly note: string;
}

const ids = (shape: readonly number[], high: number): Operand => ({
  shape,
  dtype: "i32",
  values: { kind: "integers", low: 0, high: high - 1 },
});

function perfCases(shrink: number): PerfCase[] {
  const cut = (size: number) => Math.max(4, Math.round(size / shrink));
  const [n, rows, width] = [cut(1024) * cut(1024), cut(512), cut(1024)];
  const square = [cut(1024), cut(1024)];
  const product = (M: number, K: number, N: number): PerfCase => ({
    note: `matmul ${M}×${K}×${N}`,
    operands: [{ shape: [M, K] }, { shape: [K, N] }],
    run: ([a, b]) => a!.matmul(b!),
  });
  const [T, D, H, V, E] = [cut(256), cut(64), 8, cut(4096), 8];
  return [
    { note: "a + b", operands: [{ shape: [n] }, { shape: [n] }], run: ([a, b]) => a!.add(b!) },
    {
      note: "exp(a · b + a)",
      operands: [{ shape: [n] }, { shape: [n] }],
      run: ([a, b]) => a!.mul(b!).add(a!).exp(),
    },
    {
      note: "transposed copy",
      operands: [{ shape: square, layout: "transposed" }],
      run: ([a]) => a!.clone(),
    },
    { note: "sum of all", operands: [{ shape: [n] }], run: ([a]) => a!.sum() },
    { note: "sum of rows", operands: [{ shape: square }], run: ([a]) => a!.sum(1) },
    { note: "running sum of rows", operands: [{ shape: square }], run: ([a]) => cumsum(a!, 1) },
    product(cut(64), cut(64), cut(64)),
    product(cut(256), cut(256), cut(256)),
    product(cut(512), cut(512), cut(512)),
    product(1, cut(1024), cut(1024)),
    {
      note: `softmax ${rows}×${width}`,
      operands: [{ shape: [rows, width] }],
      run: ([x]) => x!.softmax(-1),
    },
    {
      note: `rmsNorm ${rows}×${width}`,
      operands: [{ shape: [rows, width] }, { shape: [width] }],
      run: ([x, w]) => rmsNorm(x!, w!),
    },
    {
      note: `attention ${H} heads, ${T} tokens, width ${D}`,
      operands: [0, 1, 2].map(() => ({ shape: [1, H, T, D] })),
      run: ([q, k, v]) => attention(q!, k!, v!, { causal: true }),
    },
    {
      note: `linearLogProb ${T}×${D}, ${V} words`,
      operands: [{ shape: [T, D] }, { shape: [V, D] }, ids([T], V)],
      run: ([h, w, t]) => linearLogProb(h!, w!, t!).logProb,
    },
    {
      note: `groupedMatmul ${E} experts`,
      operands: [
        { shape: [T, D] },
        { shape: [E, D, D] },
        {
          shape: [E + 1],
          dtype: "i32",
          values: {
            kind: "list",
            values: Array.from({ length: E + 1 }, (_, i) => Math.round((i * T) / E)),
          },
        },
      ],
      run: ([a, b, o]) => groupedMatmul(a!, b!, o!),
    },
    {
      note: `embedding of ${T} in ${V}`,
      operands: [{ shape: [V, D] }, ids([T], V)],
      run: ([t, i]) => embedding(t!, i!),
    },
    {
      note: `scatterAdd of ${T} rows`,
      operands: [{ shape: [V, D] }, { ...ids([T, D], V) }, { shape: [T, D] }],
      run: ([base, i, x]) => scatterAdd(base!, 0, i!, x!),
    },
    {
      note: `sort of ${rows}×${cut(256)}`,
      operands: [{ shape: [rows, cut(256)] }],
      run: ([x]) => sort(x!).values,
    },
    {
      note: "one launch of nothing much",
      operands: [{ shape: [4] }],
      run: ([x]) => x!.add(1),
    },
  ];
}

/** Measures every row. Reading one element ends a run: it waits for all the work. */
export async function measurePerf(options: PerfOptions): Promise<PerfRow[]> {
  const { create, shrink = 1, timeMs = 300 } = options;
  const device: Device = createDevice(await create());
  const rows: PerfRow[] = [];
  for (const perfCase of perfCases(shrink)) {
    using _scope = device.scope();
    const leaves = createLeaves(device, perfCase.operands, 61);
    const { flops, bytes } = costOf(device, perfCase, 61);
    const bench = new Bench({
      time: timeMs,
      warmupTime: timeMs / 5,
      warmupIterations: 2,
      iterations: 3,
    });
    bench.add(perfCase.note, async () => {
      using _inner = device.scope();
      for (const y of asList(applyCase(perfCase, leaves, device))) y.eval();
      await device.sync();
    });
    const [task] = await bench.run();
    const { result } = task!;
    if (!("latency" in result)) throw new Error(`${perfCase.note} failed`, { cause: result });
    const medianMs = result.latency.p50;
    rows.push({
      name: perfCase.note,
      medianMs,
      gflops: flops / medianMs / 1e6,
      gigabytesPerSecond: bytes / medianMs / 1e6,
    });
  }
  device.dispose();
  return rows;
}

export function formatPerf(title: string, rows: readonly PerfRow[]): string {
  const cells = rows.map(({ name, medianMs, gflops, gigabytesPerSecond }) => [
    name,
    medianMs.toFixed(3),
    gflops.toFixed(2),
    gigabytesPerSecond.toFixed(2),
  ]);
  const table = [[title, "ms", "GFLOP/s", "GB/s"], ...cells];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  ");
  return table.map(line).join("\n");
}
