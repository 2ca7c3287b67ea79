// Where the time goes: a table of kernels with calls, milliseconds, rates, and how much of the roofline they reach.
// On devices that run launches at once (WASM, reference) a launch's time is the kernel's; others are asked for the
// time by their own clock. Where they have none it is the host's cost of enqueueing, which says nothing of the kernel:
// there are no rates then.

import type { Device } from "../core/device.ts";
import { costOfLaunch } from "./kernel-cost.ts";
import { measurePeak, type Peak } from "./roofline.ts";

export interface ProfileRow {
  /** "matmul", or "map silu" where the kernel serves many ops. */
  readonly kernel: string;
  readonly calls: number;
  readonly ms: number;
  /** NaN where only the host's time is known. */
  readonly gflops: number;
  readonly gigabytesPerSecond: number;
  /** What is reached of the lower ceiling, arithmetic or memory, in percent. */
  readonly percentOfRoofline: number;
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
  /** The device's ceilings. Default: measured, once a device, before `fn` runs. */
  readonly peak?: Peak;
}

/** Runs `fn` and tells what it launched. */
export async function profile(
  device: Device,
  fn: () => unknown,
  { peak: given }: ProfileOptions = {},
): Promise<Profile> {
  const { backend } = device;
  const isKernelTime = backend.readSync !== undefined || backend.time !== undefined;
  const peak = given ?? (isKernelTime ? await measurePeak(device) : undefined);
  const tallies = new Map<string, Tally>();
  const pending: Promise<void>[] = [];
  const stop = device.observe((launch, run) => {
    const key = launch.kernel === launch.op ? launch.kernel : `${launch.kernel} ${launch.op}`;
    const tally = tallies.get(key) ?? { calls: 0, ms: 0, flops: 0, bytes: 0 };
    if (backend.time) {
      pending.push(backend.time(run).then((ms) => void (tally.ms += ms)));
    } else {
      const start = performance.now();
      run();
      tally.ms += performance.now() - start;
    }
    tally.calls++;
    const { flops, bytes } = costOfLaunch(launch);
    tally.flops += flops;
    tally.bytes += bytes;
    tallies.set(key, tally);
  });
  const start = performance.now();
  try {
    await fn();
    await device.sync();
  } finally {
    stop();
    await Promise.allSettled(pending); // what failed is told by `sync`
  }
  const totalMs = performance.now() - start;
  const rows = [...tallies]
    .map(([kernel, { calls, ms, flops, bytes }]) => {
      const gflops = isKernelTime ? flops / ms / 1e6 : NaN;
      const gigabytesPerSecond = isKernelTime ? bytes / ms / 1e6 : NaN;
      const share = peak
        ? Math.max(gflops / peak.gflops, gigabytesPerSecond / peak.gigabytesPerSecond)
        : NaN;
      return { kernel, calls, ms, gflops, gigabytesPerSecond, percentOfRoofline: 100 * share };
    })
    .sort((a, b) => b.ms - a.ms);
  return { rows, totalMs, toString: () => format(rows, totalMs, isKernelTime) };
}

function format(rows: readonly ProfileRow[], totalMs: number, isKernelTime: boolean): string {
  const number = (x: number, digits: number, unit = ""): string =>
    Number.isNaN(x) ? "–" : `${x.toFixed(digits)}${unit}`;
  const ms = isKernelTime ? "ms" : "host ms";
  const header = ["kernel", "calls", ms, "GFLOP/s", "GB/s", "roofline"];
  const body = rows.map((row) => [
    row.kernel,
    String(row.calls),
    row.ms.toFixed(2),
    number(row.gflops, 1),
    number(row.gigabytesPerSecond, 1),
    number(row.percentOfRoofline, 0, " %"),
  ]);
  const widths = header.map((text, i) =>
    Math.max(text.length, ...body.map((line) => line[i]!.length)),
  );
  const lines = [header, ...body].map((line) =>
    line
      .map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!)))
      .join("  "),
  );
  const kernelMs = rows.reduce((sum, row) => sum + row.ms, 0);
  return [
    ...lines,
    `kernels ${kernelMs.toFixed(1)} ms of ${totalMs.toFixed(1)} ms (${((100 * kernelMs) / totalMs).toFixed(0)} %)`,
  ].join("\n");
}
