// The WebAssembly backend: the contract's members over the engine. Launches run at once, on this thread,
// so `flush` and `sync` have nothing to wait for and every read is immediate.

import {
  SixtyoneError,
  UnsupportedError,
  type Backend,
  type BufferHandle,
  type Launch,
} from "@sixtyone/tensor/backend";
import { touch, type WasmBuffer } from "./buffer.ts";
import { Engine, scratchBytes, type Kernel, type KernelFunction } from "./engine.ts";
import type { Context } from "./kernels/context.ts";
import { takesFused } from "./kernels/support.ts";
import { kernels } from "./kernels/table.ts";
import {
  compile,
  detectBuild,
  enableRevectorization,
  forUnsharedMemory,
  readBuild,
  type BuildName,
} from "./load-module.ts";
import { chooseTile, tileName } from "./choose-tile.ts";
import { ProgramCache } from "./map/program-params.ts";
import { maxViews, Space } from "./map/space.ts";
import type { MemoryReport } from "./memory/allocator.ts";
import { createHeap } from "./memory/heap.ts";
import { PanelCache } from "./memory/panels.ts";
import { Pool } from "./threads/pool.ts";
import { isNode } from "./node-module.ts";

export interface WasmOptions {
  /** Refuses allocations beyond this many bytes in all; default and most 4 GiB. */
  readonly maxBytes?: number;
  /**
   * The most bytes, of `maxBytes`, for packed copies of matrices that were multiplied with more than once unchanged,
   * which saves packing them again. They go before an allocation fails. Default 128 MiB; 0 keeps none.
   */
  readonly maxPanelBytes?: number;
  /**
   * Threads, this one included. Default: in Node as many as the machine runs at once, at most 8; elsewhere
   * 1. More than one needs SharedArrayBuffer, which a page has only when it is cross-origin isolated.
   */
  readonly threads?: number;
  /**
   * Node only: lets V8 pair 128-bit instructions into 256-bit ones, by a flag of V8 that is experimental
   * and stays on for every module compiled later in this process. Products become about 1.9 times faster, at the
   * risk that goes with an experimental compiler pass. Default false; without effect where V8 lacks it.
   */
  readonly revectorize?: boolean;
  /** The modules' bytes, where no file can be loaded from beside this one; see the entry `./inline`. */
  readonly binaries?: { readonly [B in BuildName]?: Uint8Array<ArrayBuffer> };
  /** Which build of the kernels; default: relaxed SIMD where the engine has it. */
  readonly build?: BuildName;
}

export interface WasmBackend extends Backend {
  readonly build: BuildName;
  /** The micro-kernel that large products use on this machine, chosen by a measurement: "6×8", "4×8" or "6×16". */
  readonly tile: string;
  /** Use and fragmentation of the linear memory. `panelBytes`: of those used, what `maxPanelBytes` is about. */
  memory(): MemoryReport & { readonly panelBytes: number };
}

const mostDefaultThreads = 8;

function threadCount(wish: number | undefined): number {
  if (wish !== undefined && !(Number.isInteger(wish) && wish >= 1 && wish <= 64)) {
    throw new SixtyoneError(
      "ARGUMENT",
      `wasm: threads is ${wish}. Pass a whole number from 1 to 64.`,
    );
  }
  const hasSharedMemory = typeof SharedArrayBuffer !== "undefined";
  if (wish !== undefined && wish > 1 && !hasSharedMemory) {
    throw new UnsupportedError(
      `wasm: ${wish} threads need SharedArrayBuffer. Serve the page with the headers ` +
        `Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or pass ` +
        `threads: 1.`,
    );
  }
  if (!hasSharedMemory || (wish === undefined && !isNode())) return 1;
  return wish ?? Math.min(navigator.hardwareConcurrency, mostDefaultThreads);
}

/** The backend on the best build this engine runs. Throws UnsupportedError without WebAssembly SIMD. */
export async function wasm(options: WasmOptions = {}): Promise<WasmBackend> {
  const { maxBytes = 2 ** 32, maxPanelBytes = 2 ** 27 } = options;
  const build = options.build ?? detectBuild();
  const threads = threadCount(options.threads);
  const isWide = options.revectorize === true && build === "relaxed" && enableRevectorization();
  const bytes = options.binaries?.[build] ?? (await readBuild(build));
  const heap = createHeap(maxBytes, threads > 1);
  const module = await compile(threads > 1 ? bytes : forUnsharedMemory(bytes));
  const instance = await WebAssembly.instantiate(module, { env: { memory: heap.memory } });
  const names = Object.keys(instance.exports).filter(
    (name) => typeof instance.exports[name] === "function",
  );
  const pool =
    threads > 1 ? await Pool.start({ heap, module, names, scratchBytes, threads }) : undefined;
  const functions: { [name: string]: Kernel } = {};
  names.forEach((name, number) => {
    functions[name] = { run: instance.exports[name] as KernelFunction, number };
  });
  const engine = new Engine(heap, functions, pool, { rows: 6, isWide: false });
  const panels = new PanelCache(heap, maxPanelBytes);
  const context: Context = { engine, programs: new ProgramCache(), space: new Space(), panels };
  engine.tile = await chooseTile(context, build, isWide);
  let isDisposed = false;

  function execute(launch: Launch): void {
    const kernel = kernels[launch.kernel] as
      | ((launch: Launch, context: Context) => void)
      | undefined;
    if (!kernel || isDisposed) refuse(launch);
    // Before it runs, so that it counts if it fails half-way.
    engine.onHost(() => launch.outputs.forEach(({ buffer }) => touch(buffer)));
    kernel(launch, context);
  }

  function refuse(launch: Launch): never {
    if (isDisposed)
      throw new SixtyoneError(
        "ARGUMENT",
        `${launch.op}: the wasm backend was disposed. Create a new one.`,
      );
    throw new UnsupportedError(`${launch.op}: the wasm backend has no kernel ${launch.kernel}.`);
  }

  function readSync(buffer: BufferHandle, byteOffset: number, byteLength: number): Uint8Array {
    const start = (buffer as WasmBuffer).address + byteOffset;
    return heap.u8.slice(start, start + byteLength);
  }

  return {
    name: "wasm",
    build,
    tile: tileName(engine.tile),
    capabilities: {
      description: `wasm ${build === "relaxed" ? "relaxed simd128" : "simd128"} ${threads} thread${threads > 1 ? "s" : ""}`,
      maxBindings: maxViews - 8,
      maxBufferBytes: Math.min(maxBytes, 2 ** 32 - 2 ** 21),
      threads,
    },
    memory: () => ({ ...heap.allocator.report(), panelBytes: panels.bytes }),
    pooledBytes: () => heap.allocator.report().freeBytes,
    alloc(byteLength): WasmBuffer {
      return { byteLength, address: heap.allocator.alloc(byteLength) };
    },
    free(buffer) {
      const own = buffer as WasmBuffer;
      if (own.isFreed) {
        throw new SixtyoneError(
          "USE_AFTER_FREE",
          `wasm: a buffer of ${buffer.byteLength} bytes was freed twice. Free each buffer once.`,
        );
      }
      own.isFreed = true;
      panels.forget(own);
      heap.allocator.free(own.address, own.byteLength);
    },
    write(buffer, byteOffset, bytes) {
      touch(buffer);
      heap.u8.set(bytes, (buffer as WasmBuffer).address + byteOffset);
    },
    read: async (buffer, byteOffset, byteLength) => readSync(buffer, byteOffset, byteLength),
    readSync,
    run(launch) {
      try {
        execute(launch);
      } finally {
        engine.endLaunch();
      }
    },
    supports: (launch) => launch.kernel in kernels && takesFused(launch),
    record(launches) {
      const { steps, dispose } = engine.record(() => launches.forEach(execute));
      return { launchCount: launches.length, replay: () => engine.replay(steps), dispose };
    },
    flush() {},
    sync: () => Promise.resolve(),
    dispose() {
      isDisposed = true;
      pool?.dispose();
    },
  };
}
