// The way to the device: dispatches collect in one open pass and are submitted together, every few dozen
// launches or when somebody waits. Order of work is order of calls.

import type { Counters } from "../counters.ts";
import { listOps, type Failure } from "../device/failure.ts";
import type { Block } from "../memory/pool.ts";
import { Clock, settle, type Timing } from "./clock.ts";
import { ParamArena } from "./param-arena.ts";
import type { Pipeline, Pipelines } from "./pipelines.ts";

/** One dispatch, ready to be encoded. */
export interface Command {
  readonly op: string;
  readonly pipeline: GPUComputePipeline;
  readonly params: ParamArena;
  readonly offset: number;
  readonly buffers: GPUBindGroup;
  readonly blocks: readonly Block[];
  readonly x: number;
  readonly y: number;
}

/** Commands that are run together again and again, with what has to be known of all of them. */
export interface CommandList {
  readonly commands: readonly Command[];
  readonly ops: readonly string[];
  readonly blocks: readonly Block[];
}

/** Dispatches between submits: few enough for the device to start early, many enough to be cheap. */
const dispatchesPerSubmit = 32;
const paramsBytes = 64 * 1024;

export class Queue {
  private readonly device: GPUDevice;
  private readonly counters: Counters;
  private readonly failure: Failure;
  /** Every dispatch in an error scope of its own, so that an error names its op. Slow. */
  private readonly validates: boolean;
  readonly params: ParamArena;
  private encoder: GPUCommandEncoder | undefined;
  private pass: GPUComputePassEncoder | undefined;
  private ops: string[] = [];
  private batch = 0;
  private pipeline: GPUComputePipeline | undefined;
  private readonly offsets = new Uint32Array(1);
  private clock: Clock | undefined;
  private timing: Timing | undefined;

  constructor(
    device: GPUDevice,
    pipelines: Pipelines,
    counters: Counters,
    failure: Failure,
    validates: boolean,
  ) {
    this.device = device;
    this.counters = counters;
    this.failure = failure;
    this.validates = validates;
    this.params = new ParamArena(device, pipelines.paramsLayout, paramsBytes);
  }

  /** Whether launches that are not submitted yet use `block`. */
  isPending(block: Block): boolean {
    return this.encoder !== undefined && block.lastBatch === this.batch;
  }

  /** Room for one more parameter block; may submit what is there. */
  makeRoom(pipeline: Pipeline): void {
    if (!this.params.hasRoomFor(pipeline)) this.flush();
  }

  /** Encodes a command; submits from time to time. */
  run(command: Command): void {
    this.encode(this.open(), command);
    for (const block of command.blocks) block.lastBatch = this.batch;
    this.ops.push(command.op);
    if (this.validates || this.ops.length >= dispatchesPerSubmit) this.flush();
  }

  /** Encodes a list and submits it, in one piece and together with what was encoded before. */
  runList({ commands, ops, blocks }: CommandList): void {
    if (this.validates) {
      for (const command of commands) this.run(command);
      return;
    }
    const pass = this.open();
    for (const command of commands) this.encode(pass, command);
    for (const block of blocks) block.lastBatch = this.batch;
    this.ops = this.ops.length === 0 ? [...ops] : this.ops.concat(ops);
    this.flush();
  }

  private encode(
    pass: GPUComputePassEncoder,
    { pipeline, params, offset, buffers, x, y }: Command,
  ): void {
    if (pipeline !== this.pipeline) pass.setPipeline(pipeline);
    this.pipeline = pipeline;
    this.offsets[0] = offset;
    pass.setBindGroup(0, params.group, this.offsets, 0, 1);
    pass.setBindGroup(1, buffers);
    pass.dispatchWorkgroups(x, y);
    this.counters.dispatches++;
  }

  private open(): GPUComputePassEncoder {
    if (this.pass) return this.pass;
    if (this.timing && this.clock!.isFull) this.flush();
    this.encoder ??= this.device.createCommandEncoder({ label: "sixtyone launches" });
    this.pipeline = undefined;
    this.pass = this.encoder.beginComputePass({
      label: "sixtyone launches",
      ...(this.timing && { timestampWrites: this.clock!.stamps(this.timing) }),
    });
    return this.pass;
  }

  /** Calls `work` with passes of its own and gives the device's milliseconds for them, once they are read. */
  time(work: () => void): Promise<number> {
    this.clock ??= new Clock(this.device, this.failure);
    this.closePass();
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const timing: Timing = { nanoseconds: 0, open: 1, resolve, reject };
    this.timing = timing;
    try {
      work();
    } finally {
      this.timing = undefined;
      this.closePass();
      settle(timing);
    }
    return promise;
  }

  /** Encodes something that is not a dispatch, and submits. */
  copy(encode: (encoder: GPUCommandEncoder) => void): void {
    this.closePass();
    this.encoder ??= this.device.createCommandEncoder({ label: "sixtyone copies" });
    encode(this.encoder);
    this.flush();
  }

  /**
   * Writes from the host. WebGPU puts a write before what is encoded but not submitted, so launches that
   * use the same buffer are submitted first.
   */
  write(block: Block, byteOffset: number, bytes: Uint8Array): void {
    const { device, failure } = this;
    if (this.isPending(block)) this.flush();
    device.pushErrorScope("validation");
    device.queue.writeBuffer(block.gpu, byteOffset, bytes as Uint8Array<ArrayBuffer>);
    failure.watch(device.popErrorScope(), () => "write");
  }

  private closePass(): void {
    this.pass?.end();
    this.pass = undefined;
  }

  flush(): void {
    if (!this.encoder) return;
    this.closePass();
    const { device, ops, encoder, failure } = this;
    this.encoder = undefined;
    this.ops = [];
    this.batch++;
    failure.submitted(ops);
    this.params.upload();
    this.params.clear();
    device.pushErrorScope("validation");
    const collectTimes = this.clock?.encodeRead(encoder);
    device.queue.submit([encoder.finish({ label: "sixtyone launches" })]);
    failure.watch(device.popErrorScope(), () => listOps(ops));
    this.counters.submits++;
    collectTimes?.();
  }
}
