// What kernels launch with: shaders in, dispatches out, either to the queue or into a plan that is being
// recorded. Temporaries last until the end of the launch; the queue's order makes that safe.

import { UnsupportedError } from "@sixtyone/tensor/backend";
import type { Counters } from "../counters.ts";
import type { Failure } from "../device/failure.ts";
import type { Limits } from "../device/open-device.ts";
import type { Block, Pool } from "../memory/pool.ts";
import { classOf } from "../memory/pool.ts";
import { BindGroups } from "./bind-groups.ts";
import { ParamArena } from "./param-arena.ts";
import type { Pipeline, Pipelines } from "./pipelines.ts";
import { newRecording, type Recording } from "./plan.ts";
import type { Queue } from "./queue.ts";
import type { Shader } from "./shader.ts";

export interface Dispatch {
  readonly key: string;
  readonly shader: () => Omit<Shader, "key">;
  readonly params: readonly number[];
  readonly reads: readonly Block[];
  readonly writes: readonly Block[];
  /** Workgroups in all. */
  readonly groups: number;
}

export interface EngineParts {
  readonly device: GPUDevice;
  readonly limits: Limits;
  readonly pipelines: Pipelines;
  readonly queue: Queue;
  readonly pool: Pool;
  readonly counters: Counters;
  readonly failure: Failure;
}

const planParamsBytes = 32 * 1024;

export class Engine {
  private readonly parts: EngineParts;
  readonly bindGroups: BindGroups;
  private readonly mostGroups: number;
  private temporaries: Block[] = [];
  private recording: Recording | undefined;
  /** The op of the launch that is running. */
  op = "";
  /** The pipeline that was dispatched last. */
  last: Pipeline | undefined;

  constructor(parts: EngineParts) {
    this.parts = parts;
    this.bindGroups = new BindGroups(parts.device, parts.counters, parts.failure);
    this.mostGroups = parts.limits.workgroups;
  }

  dispatch({ key, shader, params, reads, writes, groups }: Dispatch): void {
    if (groups <= 0) return;
    const { pipelines, queue, limits } = this.parts;
    const blocks = [...reads, ...writes];
    if (blocks.length > limits.storageBuffers) {
      throw new UnsupportedError(
        `${this.op}: ${key.split(" ")[0]} binds ${blocks.length} buffers, this device allows ` +
          `${limits.storageBuffers} (maxStorageBuffersPerShaderStage). Use fewer operands at once.`,
      );
    }
    // A dimension holds 65535 groups: more go into a second one, and shaders count over both.
    const y = Math.ceil(groups / this.mostGroups);
    const x = Math.ceil(groups / y);
    if (y > this.mostGroups) {
      throw new UnsupportedError(
        `${this.op}: ${groups} workgroups are more than this device's ${this.mostGroups} in each of two ` +
          `dimensions (maxComputeWorkgroupsPerDimension). Split the tensor.`,
      );
    }
    const pipeline = pipelines.get(key, this.op, shader);
    this.last = pipeline;
    const buffers = this.bindGroups.get(pipeline.layout, blocks, this.op);
    for (const block of writes) block.op = this.op;
    const arena = this.recording ? this.planArena(pipeline.paramBytes) : queue.params;
    if (!this.recording) queue.makeRoom(pipeline);
    const offset = arena.write(pipeline, groups, params);
    const command = {
      op: this.op,
      pipeline: pipeline.gpu,
      params: arena,
      offset,
      buffers,
      blocks,
      x,
      y,
    };
    if (this.recording) this.recording.commands.push(command);
    else queue.run(command);
  }

  private planArena(bytes: number): ParamArena {
    const { arenas } = this.recording!;
    const last = arenas.at(-1);
    if (last?.hasRoomFor({ paramBytes: bytes } as never)) return last;
    const arena = new ParamArena(
      this.parts.device,
      this.parts.pipelines.paramsLayout,
      planParamsBytes,
    );
    arenas.push(arena);
    return arena;
  }

  /** Memory until the end of the launch. */
  temporary(byteLength: number): Block {
    const { recording } = this;
    const idle = recording?.idle.get(classOf(byteLength))?.pop();
    const block = idle ?? this.parts.pool.take(byteLength);
    if (recording && !idle) recording.blocks.push(block);
    this.temporaries.push(block);
    return block;
  }

  endLaunch(): void {
    if (this.temporaries.length === 0) return;
    for (const block of this.temporaries) {
      if (!this.recording) this.parts.pool.give(block);
      else {
        const list = this.recording.idle.get(block.byteLength);
        if (list) list.push(block);
        else this.recording.idle.set(block.byteLength, [block]);
      }
    }
    this.temporaries.length = 0;
  }

  /** Collects the commands of `body` instead of running them. */
  record(body: () => void, onFailure: (recording: Recording) => void): Recording {
    const recording = newRecording();
    this.recording = recording;
    try {
      body();
    } catch (error) {
      onFailure(recording);
      throw error;
    } finally {
      this.recording = undefined;
    }
    return recording;
  }
}
