// Memory of the device: one GPUBuffer an allocation, kept for the next allocation of its size class when
// it is freed. Work is ordered by the queue, so a freed buffer may be handed out again at once.
//
// Sizes are rounded up to four classes an octave (at most a quarter wasted), and the oldest buffer of a class
// goes first: equal steps then get equal buffers, and with them the bind groups of the step before.

import { OutOfMemoryError, type BufferHandle } from "@sixtyone/tensor/backend";
import type { Failure } from "../device/failure.ts";
import { bufferUsage } from "../device/usage.ts";

/** A GPUBuffer and what has to be known of it. */
export interface Block {
  readonly gpu: GPUBuffer;
  readonly byteLength: number;
  /** Never used twice; part of the keys of bind groups. */
  readonly id: number;
  /** The batch of launches that used it last; that one may not be submitted yet. */
  lastBatch: number;
  /** The op that wrote it last, for messages. */
  op: string;
  /** There was no memory for it: it must not be handed out again. */
  isBroken: boolean;
  /** Cached bind groups that name it. */
  readonly groupKeys: Set<string>;
}

export interface WebGpuBuffer extends BufferHandle {
  readonly block: Block;
  /** Set by `free`, so that a second one is seen. */
  isFreed?: boolean;
}

export interface PoolReport {
  readonly usedBytes: number;
  readonly pooledBytes: number;
  readonly blockCount: number;
}

const smallest = 256;

/** Keeps the oldest at the end, where `pop` takes it. */
function insert(list: Block[], block: Block): void {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle]!.id > block.id) low = middle + 1;
    else high = middle;
  }
  list.splice(low, 0, block);
}

/** The size class of an allocation, a multiple of 4. */
export function classOf(byteLength: number): number {
  if (byteLength <= smallest) return smallest;
  const step = 2 ** (Math.floor(Math.log2(byteLength - 1)) - 2);
  return Math.ceil(byteLength / step) * step;
}

export interface PoolOptions {
  readonly device: GPUDevice;
  /** Refuses allocations beyond this many bytes in use. */
  readonly maxBytes: number;
  readonly maxBufferBytes: number;
  /** How many freed bytes are kept for later. */
  readonly pooledBytes: number;
  readonly failure: Failure;
  /** Called before a buffer is destroyed. */
  readonly onDestroy: (block: Block) => void;
}

export class Pool {
  private readonly options: PoolOptions;
  private readonly free = new Map<number, Block[]>();
  private freeBytes = 0;
  private usedBytes = 0;
  private blockCount = 0;
  private nextId = 1;

  constructor(options: PoolOptions) {
    this.options = options;
  }

  take(byteLength: number): Block {
    const { maxBytes, maxBufferBytes } = this.options;
    const size = Math.min(classOf(byteLength), Math.max(maxBufferBytes, byteLength));
    if (byteLength > maxBufferBytes) {
      throw new OutOfMemoryError(
        `webgpu: a tensor of ${byteLength} bytes asked, one buffer of this device may have ` +
          `${maxBufferBytes} (maxStorageBufferBindingSize). Split the tensor.`,
      );
    }
    if (this.usedBytes + size > maxBytes) {
      throw new OutOfMemoryError(
        `webgpu: ${byteLength} bytes asked, ${this.usedBytes} of ${maxBytes} in use. Dispose tensors, or ` +
          `raise maxBytes.`,
      );
    }
    const block = this.free.get(size)?.pop();
    if (block) this.freeBytes -= size;
    this.usedBytes += size;
    return block ?? this.make(size);
  }

  private make(size: number): Block {
    const { device, maxBytes, failure } = this.options;
    while (this.freeBytes > 0 && this.usedBytes + this.freeBytes > maxBytes) this.destroyLargest();
    device.pushErrorScope("out-of-memory");
    const gpu = device.createBuffer({
      label: `sixtyone ${size} bytes`,
      size,
      usage: bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyTarget,
    });
    const block: Block = {
      gpu,
      byteLength: size,
      id: this.nextId++,
      lastBatch: -1,
      op: "",
      isBroken: false,
      groupKeys: new Set(),
    };
    const user = (): string => block.op || `an allocation of ${size} bytes`;
    failure.watch(device.popErrorScope(), user, () => this.retire(block));
    this.blockCount++;
    return block;
  }

  /** Takes a buffer that could not be made out of use, now or when it is freed. */
  private retire(block: Block): void {
    block.isBroken = true;
    const list = this.free.get(block.byteLength);
    const at = list?.indexOf(block) ?? -1;
    if (at < 0) return;
    list!.splice(at, 1);
    this.freeBytes -= block.byteLength;
    this.destroy(block);
  }

  private destroy(block: Block): void {
    this.blockCount--;
    this.options.onDestroy(block);
    block.gpu.destroy();
  }

  give(block: Block): void {
    this.usedBytes -= block.byteLength;
    if (block.isBroken) {
      this.destroy(block);
      return;
    }
    const list = this.free.get(block.byteLength);
    if (list) insert(list, block);
    else this.free.set(block.byteLength, [block]);
    this.freeBytes += block.byteLength;
    while (this.freeBytes > this.options.pooledBytes) this.destroyLargest();
  }

  private destroyLargest(): void {
    const size = Math.max(...[...this.free].filter(([, list]) => list.length > 0).map(([s]) => s));
    const block = this.free.get(size)!.shift()!; // the youngest
    this.freeBytes -= size;
    this.destroy(block);
  }

  report(): PoolReport {
    return {
      usedBytes: this.usedBytes,
      pooledBytes: this.freeBytes,
      blockCount: this.blockCount,
    };
  }
}
