// Reading: a copy into a staging buffer that the host can map. Staging buffers are kept and used in
// turn, several at once when several reads are under way.

import type { Counters } from "../counters.ts";
import type { Failure } from "../device/failure.ts";
import { bufferUsage, mapMode } from "../device/usage.ts";
import { classOf, type Block } from "./pool.ts";

const keptPerSize = 4;
const largestKept = 2 ** 20;

export class ReadBack {
  private readonly device: GPUDevice;
  private readonly failure: Failure;
  private readonly counters: Counters;
  private readonly idle = new Map<number, GPUBuffer[]>();

  constructor(device: GPUDevice, failure: Failure, counters: Counters) {
    this.device = device;
    this.failure = failure;
    this.counters = counters;
  }

  /** `submit` hands the copy to the device behind all work before it. */
  async read(
    { gpu }: Block,
    byteOffset: number,
    byteLength: number,
    submit: (encode: (encoder: GPUCommandEncoder) => void) => void,
  ): Promise<Uint8Array> {
    // Copies start and end at multiples of four bytes.
    const start = byteOffset - (byteOffset % 4);
    const size = Math.ceil((byteOffset + byteLength) / 4) * 4 - start;
    const capacity = classOf(size);
    const staging = this.idle.get(capacity)?.pop() ?? this.make(capacity);
    this.counters.readbacks++;
    submit((encoder) => encoder.copyBufferToBuffer(gpu, start, staging, 0, size));
    const { failure } = this;
    try {
      await failure.unlessLost(staging.mapAsync(mapMode.read, 0, size));
    } catch (error) {
      staging.destroy();
      await failure.settled();
      // Where mapping fails because the device dies, the loss is told a moment later.
      await failure.unlessLost(new Promise((done) => setTimeout(done, 100)));
      throw error;
    }
    const bytes = new Uint8Array(staging.getMappedRange(0, size)).slice(byteOffset - start);
    staging.unmap();
    this.keep(staging, capacity);
    await failure.settled();
    return bytes.length === byteLength ? bytes : bytes.slice(0, byteLength);
  }

  private make(size: number): GPUBuffer {
    return this.device.createBuffer({
      label: "sixtyone staging",
      size,
      usage: bufferUsage.mapRead | bufferUsage.copyTarget,
    });
  }

  private keep(staging: GPUBuffer, capacity: number): void {
    const list = this.idle.get(capacity) ?? [];
    this.idle.set(capacity, list);
    if (list.length < keptPerSize && capacity <= largestKept) list.push(staging);
    else staging.destroy();
  }
}
