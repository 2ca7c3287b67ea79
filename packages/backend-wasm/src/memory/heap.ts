// The linear memory with its allocator and the views the host reads and writes through. Growing an
// unshared memory detaches the old buffer, so views must be taken from here again after any allocation.

import { OutOfMemoryError } from "@sixtyone/tensor/backend";
import { createAllocator, type Allocator } from "./allocator.ts";

const pageBytes = 65536;
/** Static data of the module (memoryBase 1024) and nothing else stand below. */
const reservedBytes = 65536;
const smallestGrowthBytes = 16 * 2 ** 20;

export interface Heap {
  readonly memory: WebAssembly.Memory;
  readonly allocator: Allocator;
  /** Frees something that is only kept to save time; false when there is nothing. */
  reclaim: () => boolean;
  u8: Uint8Array;
  i32: Int32Array;
  f32: Float32Array;
}

/** `maxBytes` is a promise not to use more; the address space is reserved for it at once. */
export function createHeap(maxBytes: number, shared: boolean): Heap {
  const maximum = Math.min(Math.floor(maxBytes / pageBytes), 65536);
  const initial = Math.min(256, maximum);
  let memory: WebAssembly.Memory;
  try {
    memory = new WebAssembly.Memory({ initial, maximum, shared });
  } catch (cause) {
    throw new OutOfMemoryError(
      `wasm: the engine refused a memory of at most ${maximum * pageBytes} bytes. Pass a smaller maxBytes.`,
      { cause },
    );
  }
  function refresh(): void {
    heap.u8 = new Uint8Array(memory.buffer);
    heap.i32 = new Int32Array(memory.buffer);
    heap.f32 = new Float32Array(memory.buffer);
  }
  function grow(bytes: number): number {
    const now = memory.buffer.byteLength;
    const room = maximum * pageBytes - now;
    const needed = Math.ceil(bytes / pageBytes) * pageBytes;
    if (needed > room) return 0;
    const wish = Math.ceil(Math.max(smallestGrowthBytes, now / 4) / pageBytes) * pageBytes;
    for (const added of [Math.min(Math.max(needed, wish), room), needed]) {
      try {
        memory.grow(added / pageBytes);
        refresh();
        return added;
      } catch {
        // The system has less than the engine reserved: try just what is needed, then report.
      }
    }
    return 0;
  }
  const heap: Heap = {
    memory,
    allocator: createAllocator(reservedBytes, initial * pageBytes, maximum * pageBytes, grow, () =>
      heap.reclaim(),
    ),
    reclaim: () => false,
    u8: new Uint8Array(memory.buffer),
    i32: new Int32Array(memory.buffer),
    f32: new Float32Array(memory.buffer),
  };
  return heap;
}
