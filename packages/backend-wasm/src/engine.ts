// The engine runs jobs: one kernel over a range of tiles, described by a parameter block in the linear
// memory. Launches become jobs right away, or, while recording, a list that can be replayed without
// looking at shapes again; then parameter blocks and temporaries live as long as the plan.

import type { WasmBuffer } from "./buffer.ts";
import type { Heap } from "./memory/heap.ts";
import { ViewTable, type Panels } from "./memory/panels.ts";
import type { Pool } from "./threads/pool.ts";

export type KernelFunction = (params: number, begin: number, end: number, scratch: number) => void;

/** A kernel, and the number other threads know it by. */
export interface Kernel {
  readonly run: KernelFunction;
  readonly number: number;
}

export interface Job {
  readonly kernel: Kernel;
  readonly params: number;
  readonly tiles: number;
  readonly isShared: boolean;
  readonly nanoseconds: number;
}

/** A step of a plan: a job, or a function for what depends on values (group sizes, checks). */
export type Step = Job | (() => void);

interface Block {
  readonly address: number;
  readonly bytes: number;
}

interface Recording {
  readonly steps: Step[];
  readonly blocks: Block[];
  /** Products of one B share its panels. */
  readonly panels: ViewTable<Panels>;
  /** Where the next parameter block goes, and the end of the chunk it is cut from. */
  next: number;
  end: number;
}

/** Rows × 8 columns of C in registers, or × 16 where V8 pairs them into 256-bit ones. */
export interface Tile {
  readonly rows: 6 | 4;
  readonly isWide: boolean;
}

const paramsBytes = 64 * 1024;
/** Scratch of one thread: blocks of the machine, packed rows of A, attention tiles. */
export const scratchBytes: number = 1024 * 1024;
/** Jobs that one thread does faster than this are not worth waking others for. */
const sharedFromNanoseconds = 20_000;

export class Engine {
  readonly heap: Heap;
  readonly kernels: Readonly<Record<string, Kernel>>;
  private readonly pool: Pool | undefined;
  /** The micro-kernel of large products; see choose-tile.ts. Never changes a bit of a result. */
  tile: Tile;
  private readonly scratch: number;
  private readonly params: Block;
  private nextParams: number;
  private temporaries: Block[] = [];
  private recording: Recording | undefined;

  constructor(
    heap: Heap,
    kernels: Readonly<Record<string, Kernel>>,
    pool: Pool | undefined,
    tile: Tile,
  ) {
    this.heap = heap;
    this.kernels = kernels;
    this.pool = pool;
    this.tile = tile;
    this.scratch = heap.allocator.alloc(scratchBytes);
    this.params = { address: heap.allocator.alloc(paramsBytes), bytes: paramsBytes };
    this.nextParams = this.params.address;
  }

  /** Room for a parameter block, as an index into `heap.i32`. Allocate temporaries first: they may grow. */
  block(words: number): number {
    const bytes = words * 4;
    const { recording } = this;
    if (recording) {
      if (recording.next + bytes > recording.end) {
        const size = Math.max(paramsBytes, bytes);
        recording.next = this.keep(size);
        recording.end = recording.next + size;
      }
      const address = recording.next;
      recording.next += bytes;
      return address >>> 2;
    }
    // Jobs run at once, so when the area is full its beginning is free again.
    const end = this.params.address + this.params.bytes;
    if (this.nextParams + bytes > end) this.nextParams = this.params.address;
    if (bytes > this.params.bytes) return this.temporary(bytes) >>> 2;
    const address = this.nextParams;
    this.nextParams += bytes;
    return address >>> 2;
  }

  /** Memory until the end of the launch (of the plan, while recording). */
  temporary(byteLength: number): number {
    if (this.recording) return this.keep(byteLength);
    const address = this.heap.allocator.alloc(byteLength);
    this.temporaries.push({ address, bytes: byteLength });
    return address;
  }

  /** Room for packed panels as `temporary` gives it; in a plan, one for all products of the same view. */
  panels(sources: readonly WasmBuffer[], view: string, byteLength: number): Panels {
    const [buffer] = sources;
    const shared = buffer && this.recording?.panels.of(buffer);
    const found = shared?.get(view);
    if (found) return found;
    const panels = { address: this.temporary(byteLength), byteLength, sources };
    shared?.set(view, panels);
    return panels;
  }

  get threads(): number {
    return this.pool?.threads ?? 1;
  }

  /**
   * Runs tiles 0..tiles of a kernel, or notes them. `nanoseconds`: about what one thread takes; it decides
   * whether others are woken, never the result.
   */
  job(kernel: Kernel, params: number, tiles: number, nanoseconds: number): void {
    if (tiles <= 0) return;
    const isShared = tiles > 1 && nanoseconds >= sharedFromNanoseconds && this.pool !== undefined;
    const job = { kernel, params, tiles, isShared, nanoseconds };
    if (this.recording) this.recording.steps.push(job);
    else this.runJob(job);
  }

  private runJob({ kernel, params, tiles, isShared, nanoseconds }: Job): void {
    if (isShared)
      this.pool!.run(kernel.run, kernel.number, params, tiles, this.scratch, nanoseconds);
    else kernel.run(params, 0, tiles, this.scratch);
  }

  /** Something that must happen on the host between jobs, each time. */
  onHost(action: () => void): void {
    if (this.recording) this.recording.steps.push(action);
    else action();
  }

  get isRecording(): boolean {
    return this.recording !== undefined;
  }

  /** Frees the temporaries of the launch that has just run. */
  endLaunch(): void {
    if (this.temporaries.length === 0) return;
    for (const { address, bytes } of this.temporaries) this.heap.allocator.free(address, bytes);
    this.temporaries.length = 0;
  }

  /** Collects the jobs of `body` instead of running them. */
  record(body: () => void): { steps: Step[]; dispose: () => void } {
    const panels = new ViewTable<Panels>();
    const recording: Recording = { steps: [], blocks: [], panels, next: 0, end: 0 };
    const release = (): void => {
      for (const { address, bytes } of recording.blocks) this.heap.allocator.free(address, bytes);
      recording.blocks.length = 0;
    };
    this.recording = recording;
    try {
      body();
    } catch (error) {
      release();
      throw error;
    } finally {
      this.recording = undefined;
    }
    return { steps: recording.steps, dispose: release };
  }

  replay(steps: readonly Step[]): void {
    for (const step of steps) {
      if (typeof step === "function") step();
      else this.runJob(step);
    }
    this.endLaunch();
  }

  private keep(byteLength: number): number {
    const address = this.heap.allocator.alloc(byteLength);
    this.recording!.blocks.push({ address, bytes: byteLength });
    return address;
  }
}
