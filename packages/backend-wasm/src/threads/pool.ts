// The thread pool: persistent workers on one shared memory. The thread that calls `run` works too, so a
// job is never later than without the pool by more than what waking costs, and a pool whose workers all
// sleep or have died still finishes every job that no worker has begun.

import { SixtyoneError } from "@sixtyone/tensor/backend";
import type { Heap } from "../memory/heap.ts";
import { control, controlWords, quitKernel } from "./control.ts";
import { startWorker, type RunningWorker } from "./start-worker.ts";

type TileFunction = (params: number, begin: number, end: number, scratch: number) => void;

/** Waking a thread costs the waker up to tens of microseconds, and the woken one as much. */
const wakingNanoseconds = 50_000;
const spinsBeforeWaiting = 20_000;

export interface PoolStart {
  readonly heap: Heap;
  readonly module: WebAssembly.Module;
  readonly names: readonly string[];
  readonly scratchBytes: number;
  /** All threads, the calling one included. */
  readonly threads: number;
  /** How long a worker may be silent after all other tiles are done before it counts as dead. */
  readonly silenceMs?: number;
}

export class Pool {
  readonly threads: number;
  private readonly words: Int32Array;
  private readonly workers: RunningWorker[] = [];
  private failure: string | undefined;
  private isEnded = false;
  private canWait = true;

  private readonly silenceMs: number;

  private constructor({ heap, threads, silenceMs = 20_000 }: PoolStart) {
    this.threads = threads;
    this.silenceMs = silenceMs;
    const address = heap.allocator.alloc(controlWords * 4);
    // Memory that grows gets a new buffer object; this one keeps seeing the same first bytes.
    this.words = new Int32Array(heap.memory.buffer, address, controlWords).fill(0);
    this.words[control.epoch] = 1;
  }

  static async start(options: PoolStart): Promise<Pool> {
    const { heap, module, names, scratchBytes, threads } = options;
    const pool = new Pool(options);
    const starts = Array.from({ length: threads - 1 }, () => {
      const scratch = heap.allocator.alloc(scratchBytes);
      const start = { module, memory: heap.memory, names, control: pool.words.byteOffset, scratch };
      return startWorker(start, (reason) => {
        if (!pool.isEnded) pool.failure ??= reason;
      });
    });
    pool.workers.push(...(await Promise.all(starts)));
    return pool;
  }

  /**
   * Does tiles 0..tiles of a kernel on all threads that are awake, and on those that are worth waking for
   * work of about `nanoseconds`; returns when all are done.
   */
  run(
    kernel: TileFunction,
    number: number,
    params: number,
    tiles: number,
    scratch: number,
    nanoseconds: number,
  ): void {
    if (this.failure !== undefined) this.throwFailure();
    const { words } = this;
    const chunk = Math.max(1, Math.floor(tiles / (this.threads * 6)));
    words[control.kernel] = number;
    words[control.params] = params;
    words[control.tiles] = tiles;
    words[control.chunk] = chunk;
    Atomics.store(words, control.next, 0);
    this.open(Math.floor(nanoseconds / wakingNanoseconds));
    try {
      for (;;) {
        const begin = Atomics.add(words, control.next, chunk);
        if (begin >= tiles) break;
        kernel(params, begin, Math.min(begin + chunk, tiles), scratch);
      }
    } finally {
      this.close();
    }
    if (Atomics.load(words, control.failed)) {
      this.failure ??= "a kernel trapped";
      this.throwFailure();
    }
  }

  /** Ends the workers; they finish the tile they are at. */
  dispose(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.words[control.kernel] = quitKernel;
    this.open(Infinity);
    for (const worker of this.workers) worker.terminate();
  }

  private open(mayWake: number): void {
    Atomics.add(this.words, control.epoch, 1);
    if (mayWake > 0 && Atomics.load(this.words, control.sleeping) > 0) {
      Atomics.notify(this.words, control.epoch, mayWake);
    }
  }

  /** No worker joins any more; waits for those that are at a tile. */
  private close(): void {
    const { words } = this;
    Atomics.add(words, control.epoch, 1);
    let spins = 0;
    let since = 0;
    for (
      let active = Atomics.load(words, control.active);
      active > 0;
      active = Atomics.load(words, control.active)
    ) {
      if (++spins < spinsBeforeWaiting) continue;
      since ||= performance.now();
      if (performance.now() - since > this.silenceMs) {
        this.failure = `it did not answer for ${this.silenceMs / 1000} s`;
        this.throwFailure();
      }
      this.wait(active);
    }
  }

  private wait(active: number): void {
    if (!this.canWait) return;
    try {
      Atomics.wait(this.words, control.active, active, 1);
    } catch {
      this.canWait = false; // the main thread of a page may only look again and again
    }
  }

  private throwFailure(): never {
    throw new SixtyoneError(
      "WORKER",
      `wasm: a worker thread ended (${this.failure}), so results can no longer be trusted. ` +
        `Create a new backend, with threads: 1 if it happens again.`,
    );
  }
}
