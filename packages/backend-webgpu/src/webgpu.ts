// The WebGPU backend: the contract's members over the engine. Launches are encoded right away and reach
// the device in batches; nothing waits for it but a read.

import {
  SixtyoneError,
  UnsupportedError,
  type Backend,
  type BufferHandle,
  type Launch,
} from "@sixtyone/tensor/backend";
import { newCounters, type Counters } from "./counters.ts";
import { Failure } from "./device/failure.ts";
import { openDevice, type AdapterOptions } from "./device/open-device.ts";
import { withoutAliases } from "./kernels/aliases.ts";
import type { Context } from "./kernels/context.ts";
import { takesFused } from "./kernels/support.ts";
import { kernels } from "./kernels/table.ts";
import { withinLimit } from "./kernels/within-limit.ts";
import { Engine } from "./launch/engine.ts";
import { Pipelines } from "./launch/pipelines.ts";
import { discard, toPlan } from "./launch/plan.ts";
import { Queue } from "./launch/queue.ts";
import { moduleText } from "./launch/shader.ts";
import { Pool, type PoolReport, type WebGpuBuffer } from "./memory/pool.ts";
import { ReadBack } from "./memory/read-back.ts";
import { writeBuffer } from "./memory/write.ts";
import type { TileTime } from "./tune/measure.ts";
import { recall, remember } from "./tune/memory.ts";
import { tuneProducts } from "./tune/tune.ts";
import { factsOf, tuningFor, type Tuning } from "./tuning.ts";

export interface WebGpuOptions extends AdapterOptions {
  /** Refuses allocations beyond this many bytes in all. Default: none but the device's own limit. */
  readonly maxBytes?: number;
  /** How many freed bytes are kept for later allocations. Default 1 GiB. */
  readonly pooledBytes?: number;
  /**
   * Every launch in an error scope and a submit of its own, so that an error names the very launch. Slow;
   * for finding faults. Default false.
   */
  readonly validate?: boolean;
  /** @internal Instead of the adapter's own: for tests of kernels that this adapter would not choose. */
  readonly tuning?: Partial<Tuning>;
}

export interface WebGpuBackend extends Backend {
  /** What the host side has done since the backend was created. */
  readonly counters: Readonly<Counters>;
  /**
   * Measures the tiles of large matrix products on this adapter, takes the fastest from now on, and remembers
   * it for later runs: in a file of the user's cache folder in Node (`$XDG_CACHE_HOME` or `~/.cache`), in
   * localStorage in a page. A second or so on a GPU. Rates in GFLOP/s, fastest first; after them, with
   * `subgroupMatrices`, those of each dtype that the adapter has matrices for.
   */
  tune(): Promise<readonly TileTime[]>;
  /** For those who share it with code of their own, or watch for its loss. */
  readonly device: GPUDevice;
  memory(): PoolReport;
}

/**
 * The backend on the best adapter there is. Throws UnsupportedError without WebGPU, without an adapter,
 * or with only a software adapter that was not asked for.
 */
export async function webgpu(options: WebGpuOptions = {}): Promise<WebGpuBackend> {
  const { maxBytes = Infinity, pooledBytes = 2 ** 30, validate = false } = options;
  const { device, isSoftware, limits, matrixConfigs, description } = await openDevice(options);
  const counters = newCounters();
  const failure = new Failure(device);
  const pipelines = new Pipelines(device, counters, failure);
  const queue = new Queue(device, pipelines, counters, failure, validate);
  const maxBufferBytes = limits.bufferBytes;
  const pool = new Pool({
    device,
    maxBytes,
    maxBufferBytes,
    pooledBytes,
    failure,
    onDestroy: (block) => {
      if (queue.isPending(block)) queue.flush();
      engine.bindGroups.forget(block);
    },
  });
  const engine = new Engine({ device, limits, pipelines, queue, pool, counters, failure });
  const remembered = await recall(description);
  const context: { engine: Engine; tuning: Tuning } = {
    engine,
    tuning: {
      ...tuningFor(factsOf(device, isSoftware, matrixConfigs)),
      ...remembered,
      ...options.tuning,
    },
  };
  const readBack = new ReadBack(device, failure, counters);
  let isDisposed = false;

  function execute(launch: Launch): void {
    const kernel = kernels[launch.kernel] as
      | ((launch: Launch, context: Context) => void)
      | undefined;
    if (!kernel) {
      throw new UnsupportedError(
        `${launch.op}: the webgpu backend has no kernel ${launch.kernel}.`,
      );
    }
    engine.op = launch.op;
    try {
      withinLimit(launch, context, limits.storageBuffers, (part) =>
        withoutAliases(part, context, kernel),
      );
    } finally {
      engine.endLaunch();
    }
  }

  async function sync(): Promise<void> {
    failure.assertAlive("sync");
    queue.flush();
    await failure.unlessLost(device.queue.onSubmittedWorkDone());
    await failure.settled();
  }

  return {
    name: "webgpu",
    capabilities: {
      description,
      // Launches that bind more are split, so this is no limit of theirs; it is what runs in one piece.
      maxBindings: limits.storageBuffers,
      maxBufferBytes,
      threads: 1,
    },
    counters,
    device,
    memory: () => pool.report(),
    pooledBytes: () => pool.report().pooledBytes,
    alloc(byteLength): WebGpuBuffer {
      failure.assertAlive("alloc");
      return { byteLength, block: pool.take(byteLength) };
    },
    free(buffer) {
      const own = buffer as WebGpuBuffer;
      if (own.isFreed) {
        throw new SixtyoneError(
          "USE_AFTER_FREE",
          `webgpu: a buffer of ${buffer.byteLength} bytes was freed twice. Free each buffer once.`,
        );
      }
      own.isFreed = true;
      pool.give(own.block);
    },
    write(buffer, byteOffset, bytes) {
      failure.assertAlive("write");
      engine.op = "write";
      writeBuffer(queue, context, buffer as WebGpuBuffer, byteOffset, bytes);
    },
    async read(buffer: BufferHandle, byteOffset, byteLength) {
      failure.assertAlive("read");
      const { block } = buffer as WebGpuBuffer;
      return readBack.read(block, byteOffset, byteLength, (encode) => queue.copy(encode));
    },
    run(launch) {
      const start = performance.now();
      failure.assertAlive(launch.op);
      execute(launch);
      counters.launches++;
      counters.hostMs += performance.now() - start;
    },
    ...(device.features.has("timestamp-query") && { time: (work: () => void) => queue.time(work) }),
    generatedSource: () => engine.last && moduleText(engine.last.shader),
    supports: (launch) => launch.kernel in kernels && takesFused(launch),
    record(launches) {
      failure.assertAlive("record");
      const recording = engine.record(
        () => launches.forEach(execute),
        (failed) => discard(failed, pool),
      );
      const plan = toPlan(recording, launches.length, queue, pool, () =>
        failure.assertAlive("replay"),
      );
      return {
        ...plan,
        replay() {
          const start = performance.now();
          plan.replay();
          counters.launches += launches.length;
          counters.hostMs += performance.now() - start;
        },
      };
    },
    flush() {
      const start = performance.now();
      queue.flush();
      counters.hostMs += performance.now() - start;
    },
    sync,
    async tune() {
      failure.assertAlive("tune");
      const { found, times } = await tuneProducts({
        context,
        pool,
        finish: sync,
        write: (block, bytes) => queue.write(block, 0, bytes),
        read: (block, byteLength) =>
          readBack.read(block, 0, byteLength, (encode) => queue.copy(encode)),
      });
      context.tuning = { ...context.tuning, ...found };
      await remember(description, found);
      return times;
    },
    dispose() {
      if (isDisposed) return;
      isDisposed = true;
      failure.close();
      device.destroy();
    },
  };
}
