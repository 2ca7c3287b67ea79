// Parameter blocks of many dispatches in one uniform buffer, each picked by a dynamic offset. The host
// writes them into its own copy, which goes to the device in one piece before the commands that need it.

import { bufferUsage } from "../device/usage.ts";
import type { Pipeline } from "./pipelines.ts";

/** What the binding covers; a kernel's block must fit. */
const bindingBytes = 1024;

export class ParamArena {
  private readonly device: GPUDevice;
  private readonly gpu: GPUBuffer;
  private readonly bytes: ArrayBuffer;
  private readonly i32: Int32Array;
  private readonly f32: Float32Array;
  private readonly alignment: number;
  private next = 0;
  readonly group: GPUBindGroup;

  constructor(device: GPUDevice, layout: GPUBindGroupLayout, capacity: number) {
    this.device = device;
    this.alignment = device.limits.minUniformBufferOffsetAlignment;
    this.gpu = device.createBuffer({
      label: "sixtyone params",
      size: capacity + bindingBytes,
      usage: bufferUsage.uniform | bufferUsage.copyTarget,
    });
    this.bytes = new ArrayBuffer(capacity);
    this.i32 = new Int32Array(this.bytes);
    this.f32 = new Float32Array(this.bytes);
    this.group = device.createBindGroup({
      label: "sixtyone params",
      layout,
      entries: [{ binding: 0, resource: { buffer: this.gpu, size: bindingBytes } }],
    });
  }

  hasRoomFor({ paramBytes }: Pipeline): boolean {
    return this.next + paramBytes <= this.bytes.byteLength;
  }

  /** Writes a block and returns its offset. */
  write(
    { types, paramBytes, shader }: Pipeline,
    groupCount: number,
    values: readonly number[],
  ): number {
    if (values.length !== types.length || paramBytes > bindingBytes) {
      throw new Error(
        `webgpu: ${shader.key} takes ${types.length} parameters of at most ${bindingBytes} bytes, ` +
          `got ${values.length}`,
      );
    }
    const offset = this.next;
    let at = offset >>> 2;
    this.i32[at++] = groupCount;
    for (let i = 0; i < values.length; i++, at++) {
      if (types[i] === "f32") this.f32[at] = values[i]!;
      else this.i32[at] = values[i]!;
    }
    this.next = Math.ceil((offset + paramBytes) / this.alignment) * this.alignment;
    return offset;
  }

  /** Sends what was written to the device. */
  upload(): void {
    const size = Math.min(this.next, this.bytes.byteLength);
    if (size > 0) this.device.queue.writeBuffer(this.gpu, 0, this.bytes, 0, size);
  }

  /** Starts anew. Earlier blocks stay valid for commands that are submitted already. */
  clear(): void {
    this.next = 0;
  }

  destroy(): void {
    this.gpu.destroy();
  }
}
