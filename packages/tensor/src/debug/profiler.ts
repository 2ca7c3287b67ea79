// Where the time goes: a table of kernels with calls, milliseconds and rates. On devices that run launches
// at once (WASM, reference) a launch's time is the kernel's; elsewhere it is the host's cost of enqueueing.

import { bytesPerElement } from "../dtype.ts";
import { sizeOf } from "../shape.ts";
import type { Binding, Launch } from "../backend/contract.ts";
import type { Device } from "../core/device.ts";

export interface ProfileRow {
  /** "matmul", or "map silu" where the kernel serves many ops. */
  readonly kernel: string;
  readonly calls: number;
  readonly ms: number;
  readonly gflops: number;
  readonly gigabytesPerSecond: number;
}

export interface Profile {
  readonly rows: readonly ProfileRow[];
  /** From start to end, host work included. */
  readonly totalMs: number;
  toString(): string;
}

interface Tally {
  calls: number;
  ms: number;
  flops: number;
  bytes: number;
}

export interface ProfileOptions {
  /** The device's ceilings, for the column of the roofline: GFLOP/s and GB/s. */
  readonly peak?: { readonly gflops: number; readonly gigabytesPerSecond: number };
}

/** Runs `fn` and tells what it launched. */
export async function profile(
  device: Device,
  fn: () => unknown,
  { peak }: ProfileOptions = {},
): Promise<Profile> {
  const tallies = new Map<string, Tally>();
  const stop = device.observe((launch, run) => {
    const start = performance.now();
    run();
    const ms = performance.now() - start;
    const key = launch.kernel === launch.op ? launch.kernel : `${launch.kernel} ${launch.op}`;
    const tally = tallies.get(key) ?? { calls: 0, ms: 0, flops: 0, bytes: 0 };
    tally.calls++;
    tally.ms += ms;
    tally.flops += flopsOf(launch);
    tally.bytes += [...launch.inputs, ...launch.outputs].reduce((sum, b) => sum + bytesOf(b), 0);
    tallies.set(key, tally);
  });
  const start = performance.now();
  try {
    await fn();
    await device.sync();
  } finally {
    stop();
  }
  const totalMs = performance.now() - start;
  const rows = [...tallies]
    .map(([kernel, { calls, ms, flops, bytes }]) => ({
      kernel,
      calls,
      ms,
      gflops: flops / ms / 1e6,
      gigabytesPerSecond: bytes / ms / 1e6,
    }))
    .sort((a, b) => b.ms - a.ms);
  return { rows, totalMs, toString: () => format(rows, totalMs, peak) };
}

/** Multiply-adds count two; an elementwise instruction counts one. */
function flopsOf({ kernel, params, inputs, outputs }: Launch): number {
  const out = outputs.reduce((sum, b) => sum + sizeOf(b.shape), 0);
  const [a, b] = inputs;
  switch (kernel) {
    case "map":
    case "reduce": {
      const { program, shape } = params;
      return sizeOf(shape) * program.instructions.filter((i) => "args" in i).length;
    }
    case "matmul":
    case "groupedMatmul":
      return 2 * out * a!.shape[a!.shape.length - 1]!;
    case "groupedMatmulWeight":
      return 2 * sizeOf(a!.shape) * b!.shape[1]!;
    case "attention":
      return 2 * sizeOf(a!.shape) * b!.shape[2]! + 2 * sizeOf(outputs[0]!.shape) * b!.shape[2]!;
    case "linearLogProb":
      return 2 * sizeOf(a!.shape) * b!.shape[0]!;
    default:
      return out;
  }
}

/** What must move at least: repeated elements (stride 0) are loaded once. */
function bytesOf({ dtype, shape, strides }: Binding): number {
  const distinct = shape.reduce((product, dim, i) => (strides[i] === 0 ? product : product * dim), 1);
  return distinct * bytesPerElement(dtype);
}

function format(
  rows: readonly ProfileRow[],
  totalMs: number,
  peak: ProfileOptions["peak"],
): string {
  const roofline = (row: ProfileRow): string => {
    if (!peak) return "";
    const share = Math.max(row.gflops / peak.gflops, row.gigabytesPerSecond / peak.gigabytesPerSecond);
    return `${(100 * share).toFixed(0)} %`;
  };
  const header = ["kernel", "calls", "ms", "GFLOP/s", "GB/s", ...(peak ? ["roofline"] : [])];
  const body = rows.map((row) => [
    row.kernel,
    String(row.calls),
    row.ms.toFixed(2),
    row.gflops.toFixed(1),
    row.gigabytesPerSecond.toFixed(1),
    ...(peak ? [roofline(row)] : []),
  ]);
  const widths = header.map((text, i) => Math.max(text.length, ...body.map((line) => line[i]!.length)));
  const lines = [header, ...body].map((line) =>
    line.map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))).join("  "),
  );
  const kernelMs = rows.reduce((sum, row) => sum + row.ms, 0);
  return [
    ...lines,
    `kernels ${kernelMs.toFixed(1)} ms of ${totalMs.toFixed(1)} ms (${((100 * kernelMs) / totalMs).toFixed(0)} %)`,
  ].join("\n");
}
