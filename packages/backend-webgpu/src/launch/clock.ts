// The device's own clock: timestamps at both ends of a pass, read back behind the submit that holds it. Each
// timed launch gets passes of its own, so timing costs a little; nothing is timed unless somebody profiles.

import type { Failure } from "../device/failure.ts";
import { bufferUsage, mapMode } from "../device/usage.ts";

/** One timed piece of work: it may take several passes, in several submits. */
export interface Timing {
  nanoseconds: number;
  /** Passes whose timestamps are not here yet, and one more while the work is being encoded. */
  open: number;
  readonly resolve: (milliseconds: number) => void;
  readonly reject: (error: unknown) => void;
}

/** Passes between two submits. */
const passes = 256;

export class Clock {
  private readonly device: GPUDevice;
  private readonly failure: Failure;
  private readonly queries: GPUQuerySet;
  private readonly resolved: GPUBuffer;
  /** Of each pass since the last submit. */
  private timings: Timing[] = [];

  constructor(device: GPUDevice, failure: Failure) {
    this.device = device;
    this.failure = failure;
    this.queries = device.createQuerySet({
      label: "sixtyone clock",
      type: "timestamp",
      count: 2 * passes,
    });
    this.resolved = device.createBuffer({
      label: "sixtyone clock",
      size: 16 * passes,
      usage: bufferUsage.queryResolve | bufferUsage.copySource,
    });
  }

  get isFull(): boolean {
    return this.timings.length === passes;
  }

  /** For the descriptor of a pass that belongs to `timing`. */
  stamps(timing: Timing): GPUComputePassTimestampWrites {
    const beginningOfPassWriteIndex = 2 * this.timings.length;
    this.timings.push(timing);
    timing.open++;
    return {
      querySet: this.queries,
      beginningOfPassWriteIndex,
      endOfPassWriteIndex: beginningOfPassWriteIndex + 1,
    };
  }

  /** Encodes the way of the timestamps to the host; call what it gives after the submit. */
  encodeRead(encoder: GPUCommandEncoder): () => void {
    const { timings, resolved } = this;
    if (timings.length === 0) return () => {};
    this.timings = [];
    const size = 16 * timings.length;
    const staging = this.device.createBuffer({
      label: "sixtyone clock",
      size,
      usage: bufferUsage.mapRead | bufferUsage.copyTarget,
    });
    encoder.resolveQuerySet(this.queries, 0, 2 * timings.length, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
    return () => void this.collect(staging, timings);
  }

  private async collect(staging: GPUBuffer, timings: readonly Timing[]): Promise<void> {
    try {
      await this.failure.unlessLost(staging.mapAsync(mapMode.read));
      const stamps = new BigUint64Array(staging.getMappedRange());
      timings.forEach((timing, i) => {
        // Clocks may be set back between two passes; no work takes less than nothing.
        timing.nanoseconds += Math.max(0, Number(stamps[2 * i + 1]! - stamps[2 * i]!));
        settle(timing);
      });
    } catch (error) {
      for (const timing of timings) timing.reject(error);
    } finally {
      staging.destroy();
    }
  }
}

/** One part of the work is done: the last tells the time. */
export function settle(timing: Timing): void {
  if (--timing.open === 0) timing.resolve(timing.nanoseconds / 1e6);
}
