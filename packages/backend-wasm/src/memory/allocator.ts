// Allocation in the linear memory. Sizes are rounded up to quarter steps between powers of two (at most
// a quarter is lost) and freed blocks wait in a list per size, so a training step, which asks for the
// same sizes again and again, is served in constant time. When a list is empty the best fitting free
// range is cut; when no range fits, all waiting blocks go back and neighbours merge; then memory grows; then what is
// kept only to save time is given up.

import { OutOfMemoryError } from "@sixtyone/tensor/backend";

/** Alignment of every block in bytes: a cache line. Kernels may read up to this much past an end. */
const lineBytes = 64;

interface Range {
  start: number;
  bytes: number;
}

export interface MemoryReport {
  readonly usedBytes: number;
  readonly freeBytes: number;
  readonly totalBytes: number;
  readonly limitBytes: number;
  /** 1 − largest free range / free bytes: 0 when all free memory is in one piece. */
  readonly fragmentation: number;
}

export interface Allocator {
  /** The address of a new block. Throws OutOfMemoryError, after which everything still works. */
  alloc(byteLength: number): number;
  free(address: number, byteLength: number): void;
  report(): MemoryReport;
}

export function roundedBytes(byteLength: number): number {
  if (byteLength <= 4 * lineBytes) {
    return Math.max(1, Math.ceil(byteLength / lineBytes)) * lineBytes;
  }
  const step = 2 ** (31 - Math.clz32(Math.min(byteLength - 1, 0xffffffff)) - 2);
  return Math.ceil(byteLength / step) * step;
}

/**
 * `firstByte`: where the heap starts. `totalBytes`: the memory there is now. `grow(bytes)` adds at least
 * that many and says how many, or 0. `reclaim` frees a block that its holder can do without; false if there is none.
 */
export function createAllocator(
  firstByte: number,
  totalBytes: number,
  limitBytes: number,
  grow: (bytes: number) => number,
  reclaim: () => boolean = () => false,
): Allocator {
  const waiting = new Map<number, number[]>(); // rounded size → addresses
  let ranges: Range[] = [];
  let waitingBytes = 0;
  let usedBytes = 0;
  // The last line is never handed out, so that reads past the end of a block stay inside the memory.
  if (totalBytes > firstByte + lineBytes) {
    ranges.push({ start: firstByte, bytes: totalBytes - firstByte - lineBytes });
  }

  function cut(bytes: number): number {
    let best = -1;
    for (let i = 0; i < ranges.length; i++) {
      const range = ranges[i]!;
      if (range.bytes >= bytes && (best < 0 || range.bytes < ranges[best]!.bytes)) best = i;
    }
    if (best < 0) return -1;
    const range = ranges[best]!;
    const address = range.start;
    range.start += bytes;
    range.bytes -= bytes;
    if (range.bytes === 0) ranges.splice(best, 1);
    return address;
  }

  function merge(): void {
    const all = ranges;
    for (const [bytes, addresses] of waiting) {
      for (const start of addresses) all.push({ start, bytes });
    }
    waiting.clear();
    waitingBytes = 0;
    all.sort((a, b) => a.start - b.start);
    ranges = [];
    for (const range of all) {
      const last = ranges[ranges.length - 1];
      if (last && last.start + last.bytes === range.start) last.bytes += range.bytes;
      else ranges.push(range);
    }
  }

  function addMemory(bytes: number): boolean {
    const added = grow(bytes);
    if (added <= 0) return false;
    ranges.push({ start: Math.max(totalBytes - lineBytes, firstByte), bytes: added });
    totalBytes += added;
    merge();
    return true;
  }

  function report(): MemoryReport {
    let freeBytes = waitingBytes;
    let largest = 0;
    for (const [bytes, addresses] of waiting)
      if (addresses.length) largest = Math.max(largest, bytes);
    for (const range of ranges) {
      freeBytes += range.bytes;
      largest = Math.max(largest, range.bytes);
    }
    const fragmentation = freeBytes ? 1 - largest / freeBytes : 0;
    return { usedBytes, freeBytes, totalBytes, limitBytes, fragmentation };
  }

  return {
    alloc(byteLength) {
      const bytes = roundedBytes(byteLength);
      const address = waiting.get(bytes)?.pop();
      if (address !== undefined) {
        waitingBytes -= bytes;
        usedBytes += bytes;
        return address;
      }
      let found = cut(bytes);
      if (found < 0 && waitingBytes >= bytes) {
        merge();
        found = cut(bytes);
      }
      if (found < 0 && addMemory(bytes)) found = cut(bytes);
      if (found < 0 && waitingBytes > 0) {
        merge();
        found = cut(bytes);
      }
      while (found < 0 && reclaim()) {
        merge();
        found = cut(bytes);
      }
      if (found < 0) {
        const { freeBytes, fragmentation } = report();
        throw new OutOfMemoryError(
          `wasm: ${byteLength} bytes asked, ${usedBytes} of ${limitBytes} in use, ${freeBytes} free ` +
            `with fragmentation ${fragmentation.toFixed(2)}. Dispose tensors, make the batch smaller, ` +
            `or raise maxBytes (at most 4 GiB).`,
        );
      }
      usedBytes += bytes;
      return found;
    },
    free(address, byteLength) {
      const bytes = roundedBytes(byteLength);
      const list = waiting.get(bytes);
      if (list) list.push(address);
      else waiting.set(bytes, [address]);
      waitingBytes += bytes;
      usedBytes -= bytes;
    },
    report,
  };
}
